"""A chunk on its way: what of it is due, what is still to come, and how it is made from a plan."""

from __future__ import annotations

import numpy as np
import torch

from vls_core.control.fr3 import DOWNWARD_QUATERNION
from vls_core.trajectory import Trajectory
from vls_core.types import ActionChunk, RobotState

MAXIMUM_DEPARTURE = 0.08
"""An arm that is further from where a chunk has it by now does not follow that chunk [m]."""


def to_chunk(
    trajectory: Trajectory, observation_time: float, sequence: int, program_id: str
) -> ActionChunk:
    """The chunk of a plan of one particle, with the hand pointing down."""
    positions = trajectory.positions[0, 1:].numpy().astype(np.float64)
    turn = np.broadcast_to(DOWNWARD_QUATERNION, (len(positions), 4))
    return ActionChunk(
        observation_time=observation_time,
        step_duration=trajectory.step_duration,
        sequence=sequence,
        targets=np.concatenate([positions, turn], 1),
        gripper=trajectory.gripper[0, 1:].clamp(0.0, 1.0).numpy().astype(np.float64),
        program_id=program_id,
    )


def steps_due(chunk: ActionChunk, now: float) -> int:
    """Steps of a chunk that are due by now [s], 0 to its horizon."""
    elapsed = (now - chunk.observation_time) / chunk.step_duration
    return int(np.clip(np.floor(elapsed + 1e-6), 0, chunk.horizon))


def still_to_come(chunk: ActionChunk, robot: RobotState) -> Trajectory | None:
    """The rest of a chunk, at the times of the steps of one that begins now.

    Returns:
        One particle, beginning where the end effector is; None if less than a step is left, or if
        the arm does not follow the chunk, which came too late or was refused. Plans that continue
        one another would lead away from such an arm for ever.
    """
    now = robot.stamp
    if chunk.end_time - now < chunk.step_duration - 1e-6:
        return None
    count = int((chunk.end_time - now) / chunk.step_duration + 1e-6)
    due = now + chunk.step_duration * np.arange(count + 1)
    known = chunk.observation_time + chunk.step_duration * np.arange(1, chunk.horizon + 1)
    columns = [np.interp(due, known, column) for column in chunk.targets[:, :3].T]
    positions = np.stack(columns, 1)
    if np.linalg.norm(positions[0] - robot.end_effector_position) > MAXIMUM_DEPARTURE:
        return None
    positions[0] = robot.end_effector_position
    gripper = torch.from_numpy(np.interp(due[1:], known, chunk.gripper).astype(np.float32))
    return Trajectory(
        torch.from_numpy(positions.astype(np.float32))[None],
        torch.cat([gripper[:1], gripper])[None],
        chunk.step_duration,
    )
