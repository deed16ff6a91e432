"""The whole arm as capsules, and which of its parts can touch each other.

The capsules were fitted to the surfaces of the manufacturer's visual and collision meshes by this
rule: a few per link, axes where they stand out least, rounded to 1 mm and symmetric where the link
is; then the smallest radii in whole mm that leave nothing of a sample of the surfaces more than
2 mm outside. Of all their vertices and faces, nothing is further outside than SLACK; the capsules
stand out by at most BLOAT, in hollows and around the middle of flat ends, and by half of it
on average. The fingers are covered at every opening. A test holds all of this against the meshes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import coal
import numpy as np
import pinocchio as pin

from vls_core.control import fr3
from vls_core.types import END_EFFECTOR_FRAME, JOINT_COUNT

SLACK: Final = 0.003
"""How far the surface of the arm may reach out of the capsules [m]."""

BLOAT: Final = 0.035
"""How far the capsules may reach out of the arm [m]."""

LINKS: Final = tuple(f'link{number}' for number in range(JOINT_COUNT + 1))
HAND: Final = 'hand'
FINGERS: Final = 'fingers'
PARTS: Final = (*LINKS, HAND, FINGERS)
"""From the base outwards; link0 is the base, the fingers are one part."""

Point = tuple[float, float, float]


@dataclass(frozen=True)
class Capsule:
    """All points close to a segment.

    Attributes:
        part: one of PARTS.
        start: of the segment, in the frame of the link or the hand [m]; the fingers are described
            in the frame of the hand.
        end: likewise [m].
        radius: [m].
    """

    part: str
    start: Point
    end: Point
    radius: float


ARM_CAPSULES: Final = (
    Capsule('link0', (0.029, -0.018, 0.030), (0.029, 0.018, 0.030), 0.050),
    Capsule('link0', (-0.113, 0.032, 0.022), (-0.002, 0.057, 0.028), 0.049),
    Capsule('link0', (-0.113, -0.032, 0.022), (-0.002, -0.057, 0.028), 0.049),
    Capsule('link0', (-0.032, 0.000, 0.079), (-0.002, 0.000, 0.084), 0.081),
    Capsule('link0', (-0.131, 0.000, 0.013), (-0.093, 0.000, 0.063), 0.025),
    Capsule('link1', (0.000, -0.038, 0.000), (0.000, -0.065, -0.004), 0.066),
    Capsule('link1', (0.000, -0.007, -0.130), (0.000, 0.000, -0.157), 0.065),
    Capsule('link1', (-0.020, -0.036, -0.070), (0.020, -0.036, -0.070), 0.044),
    Capsule('link2', (-0.020, -0.070, 0.036), (0.020, -0.070, 0.036), 0.044),
    Capsule('link2', (0.000, -0.001, 0.038), (0.000, -0.005, 0.065), 0.067),
    Capsule('link2', (0.000, -0.131, 0.006), (0.000, -0.158, 0.000), 0.065),
    Capsule('link3', (0.009, 0.002, -0.063), (0.000, 0.000, -0.089), 0.064),
    Capsule('link3', (0.082, 0.040, 0.000), (0.078, 0.051, -0.004), 0.068),
    Capsule('link4', (-0.082, 0.089, 0.000), (-0.080, 0.077, 0.001), 0.065),
    Capsule('link4', (-0.001, 0.000, 0.046), (0.000, 0.000, 0.037), 0.065),
    Capsule('link4', (0.002, -0.002, 0.070), (-0.049, 0.041, 0.017), 0.049),
    Capsule('link5', (0.000, 0.065, -0.179), (0.000, 0.099, -0.045), 0.035),
    Capsule('link5', (0.000, 0.084, -0.002), (0.000, 0.048, 0.001), 0.057),
    Capsule('link5', (0.000, 0.000, -0.230), (0.000, 0.029, -0.201), 0.062),
    Capsule('link6', (0.073, -0.014, 0.002), (0.088, -0.021, -0.001), 0.053),
    Capsule('link6', (0.023, 0.008, 0.014), (-0.001, 0.000, 0.011), 0.054),
    Capsule('link6', (0.072, 0.043, 0.001), (0.088, 0.035, -0.002), 0.049),
    Capsule('link7', (0.031, 0.058, 0.085), (0.058, 0.031, 0.085), 0.025),
    Capsule('link7', (0.009, 0.009, 0.076), (-0.005, -0.005, 0.075), 0.049),
    Capsule('hand', (0.000, -0.081, 0.041), (0.000, 0.081, 0.041), 0.030),
    Capsule('hand', (0.000, -0.077, 0.006), (0.000, 0.077, 0.006), 0.031),
    Capsule('fingers', (0.000, -0.052, 0.097), (0.000, 0.052, 0.097), 0.015),
    Capsule('fingers', (0.000, -0.060, 0.071), (0.000, 0.060, 0.071), 0.016),
)


_BEYOND_ELBOW = ('link5', 'link6', 'link7', HAND, FINGERS)
WATCHED_PAIRS: Final = (
    *((inner, outer) for inner in ('link0', 'link1', 'link2') for outer in _BEYOND_ELBOW),
    *((inner, outer) for inner in ('link3', 'link4', 'link5') for outer in (HAND, FINGERS)),
)
"""The parts that might touch. All other pairs are neighbours, with one joint between them or none,
or stay APART whatever the joint positions within the limits of an FR3 or a Panda are; link5 and
link7 do as well, although their capsules come closer. A test goes through all of them."""

APART: Final = 0.02
"""How close parts that are not watched come at most [m]."""


def carrier(part: str) -> int:
    """The joint that carries a part, 1 to 7; 0 for the base."""
    return min(PARTS.index(part), JOINT_COUNT)


def add_capsules(geometry: pin.GeometryModel, model: pin.Model, part: str) -> list[int]:
    """Adds the capsules of a part, named after it, and returns their numbers.

    Args:
        model: from `fr3_model`.
    """
    return [
        geometry.addGeometryObject(_geometry_object(capsule, index, model))
        for index, capsule in enumerate(ARM_CAPSULES) if capsule.part == part
    ]


def _geometry_object(capsule: Capsule, index: int, model: pin.Model) -> pin.GeometryObject:
    start, end = np.array(capsule.start), np.array(capsule.end)
    length = float(np.linalg.norm(end - start))
    turn = pin.Quaternion.FromTwoVectors(np.array([0.0, 0.0, 1.0]), end - start)
    placement = pin.SE3(turn.toRotationMatrix(), (start + end) / 2)
    if capsule.part in (HAND, FINGERS):
        end_effector = model.frames[model.getFrameId(END_EFFECTOR_FRAME)].placement
        back = pin.SE3(np.eye(3), np.array([0.0, 0.0, -fr3.HAND_TO_END_EFFECTOR]))
        placement = end_effector * back * placement
    shape = coal.Capsule(capsule.radius, length)
    return pin.GeometryObject(f'{capsule.part}/{index}', carrier(capsule.part), placement, shape)
