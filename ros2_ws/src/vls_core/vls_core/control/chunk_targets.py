"""From the targets of a chunk, whatever they mean, to joint positions."""

from __future__ import annotations

import numpy as np
import pinocchio as pin

from vls_core.control.chunk_rules import (
    ChunkRules,
    JumpError,
    OutOfWorkspaceError,
    UnreachableTargetError,
)
from vls_core.control.kinematics import Fr3Kinematics, UnreachableError
from vls_core.control.robot_limits import RobotLimits
from vls_core.types import ActionChunk, TargetKind


class ChunkTargets:
    """Solves, clamps and checks the targets of chunks.

    Args:
        kinematics: not used by anyone else meanwhile.
        rules: what is refused.
        limits: of the robot.
    """

    def __init__(
        self, kinematics: Fr3Kinematics, rules: ChunkRules, limits: RobotLimits
    ) -> None:
        self._kinematics, self._rules, self._limits = kinematics, rules, limits
        self.clamped = 0
        """Targets moved into the workspace so far."""

    def joint_positions(
        self, chunk: ActionChunk, first_step: int, start: np.ndarray, anchor: np.ndarray
    ) -> np.ndarray:
        """Joint positions (N, 7) of the steps from the first one on [rad].

        Args:
            first_step: that is still to come.
            start: (7,) where the arm is asked to be now [rad].
            anchor: (7,) what displacements are counted from [rad].

        Raises:
            RefusedChunkError: one of its subclasses.
        """
        if chunk.target_kind is TargetKind.JOINT_POSITION:
            positions = self._checked(chunk.targets[first_step:])
        else:
            poses = chunk.targets
            if chunk.target_kind is TargetKind.CARTESIAN_DELTA:
                poses = self._accumulated(chunk, anchor)
            positions = self._solved(poses[first_step:], first_step, start)
        self._check_jumps(start, positions)
        return positions

    def _accumulated(self, chunk: ActionChunk, anchor: np.ndarray) -> np.ndarray:
        # All displacements count, those of late steps too: the steps that are left lead where they
        # would have led, not further by what was missed.
        position, quaternion = self._kinematics.forward(anchor)
        turn = pin.Quaternion(quaternion)
        poses = np.empty_like(chunk.targets)
        for pose, delta in zip(poses, chunk.targets, strict=True):
            position = position + delta[:3]
            turn = (turn * pin.Quaternion(np.array(delta[3:]))).normalized()
            pose[:3], pose[3:] = position, turn.coeffs()
        return poses

    def _solved(self, poses: np.ndarray, first_step: int, seed: np.ndarray) -> np.ndarray:
        positions = self._inside_workspace(poses[:, :3])
        solutions = np.empty_like(poses)
        for row, (position, pose) in enumerate(zip(positions, poses, strict=True)):
            try:
                seed = self._kinematics.solve(position, pose[3:], seed)
            except UnreachableError as error:
                raise UnreachableTargetError(f'step {first_step + row}: {error}') from error
            solutions[row] = seed
        return solutions

    def _inside_workspace(self, positions: np.ndarray) -> np.ndarray:
        inside = self._rules.workspace.clamp(positions)
        outside = np.linalg.norm(inside - positions, axis=1)
        if outside.max() > self._rules.workspace_slack:
            x, y, z = positions[outside.argmax()]
            raise OutOfWorkspaceError(
                f'target ({x:.3f}, {y:.3f}, {z:.3f}) m is outside the workspace'
            )
        self.clamped += int(np.count_nonzero(outside))
        return inside

    def _checked(self, targets: np.ndarray) -> np.ndarray:
        beyond = (targets < self._limits.lower) | (targets > self._limits.upper)
        if beyond.any():
            name = self._limits.joint_names[int(np.argwhere(beyond)[0, 1])]
            raise OutOfWorkspaceError(f'a target of {name} is beyond its limits')
        for target in targets:
            position, _ = self._kinematics.forward(target)
            if not self._rules.workspace.contains(position, self._rules.joint_target_slack):
                x, y, z = position
                raise OutOfWorkspaceError(
                    f'joint target puts the end effector at ({x:.3f}, {y:.3f}, {z:.3f}) m, '
                    'outside the workspace'
                )
        return np.array(targets)

    def _check_jumps(self, start: np.ndarray, positions: np.ndarray) -> None:
        jumps = np.abs(np.diff(positions, axis=0, prepend=start[None]))
        if jumps.max() > self._rules.maximum_jump:
            step, joint = np.unravel_index(jumps.argmax(), jumps.shape)
            raise JumpError(
                f'{self._limits.joint_names[joint]} jumps by {jumps[step, joint]:.2f} rad'
            )
