"""What the pick-and-place policy sees, and how its actions become motion.

The policy sees the end effector, the gripper, where the instructed object is and where its target
is. It does not see obstacles, and no sentence: which objects are meant is decided by whoever reads
the instruction. Used alike for training and for serving, in numpy.
"""

from __future__ import annotations

import numpy as np

from vls_core.types import HELD_WIDTH

FEATURE_WIDTH = 15
ACTION_WIDTH = 4
"""x, y, z displacement within one step [m], and the opening of the gripper, 0 closed .. 1 open."""


def is_held(
    gripper_width: np.ndarray, gripper_command: np.ndarray,
    held_width: tuple[float, float] = HELD_WIDTH,
) -> np.ndarray:
    """Whether something is between fingers that were told to close; any shape, elementwise.

    Args:
        gripper_width: (...) distance between the fingers [m].
        gripper_command: (...) last commanded opening, 0..1.
        held_width: finger distances at which that is so [m].
    """
    low, high = held_width
    return (gripper_command < 0.5) & (gripper_width > low) & (gripper_width < high)


def features(
    end_effector: np.ndarray,
    gripper_width: np.ndarray,
    gripper_command: np.ndarray,
    subject: np.ndarray,
    target: np.ndarray,
) -> np.ndarray:
    """The policy's input.

    A held object moves with the hand, where the camera sees it badly: its position is then taken
    from the hand.

    Args:
        end_effector, subject, target: (..., 3) positions in the base frame [m].
        gripper_width: (...) distance between the fingers [m].
        gripper_command: (...) last commanded opening, 0..1.

    Returns:
        (..., FEATURE_WIDTH).
    """
    held = is_held(gripper_width, gripper_command)[..., None]
    subject = np.where(held, end_effector, subject)
    scalars = np.stack([gripper_width, gripper_command], -1)
    return np.concatenate(
        [end_effector, scalars, held, subject, subject - end_effector, target], -1
    ).astype(np.float32)
