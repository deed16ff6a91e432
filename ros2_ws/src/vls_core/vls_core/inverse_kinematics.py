"""What the arm does while its hand follows a plan: joints for a batch of end-effector paths.

Policies plan where the end effector goes; the rest of the arm follows from the inverse kinematics
of control. This is its counterpart for whole batches of plans: damped least squares, warm-started
from step to step, with the same pull of the redundant joint towards the home posture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from vls_core.control import fr3
from vls_core.kinematics import forward_kinematics
from vls_core.types import JOINT_COUNT, InvalidValueError

_DAMPING = 1e-3
_GRADIENT_DAMPING = 1e-2
_MAXIMUM_STEP = 0.5
_LIMIT_MARGIN = 0.05


@dataclass(frozen=True)
class ArmPath:
    """How the arm follows end-effector paths.

    Attributes:
        joint_positions: (B, T, 7) [rad]; carries a gradient with respect to the paths.
        position_errors: (B, T) distance between hand and path that is left [m], no gradient.
            Beyond a millimetre the path leaves what the arm can reach with that orientation:
            control refuses such a pose.
    """

    joint_positions: torch.Tensor
    position_errors: torch.Tensor


def follow_with_arm(
    positions: torch.Tensor,
    start: np.ndarray,
    quaternion: np.ndarray = fr3.DOWNWARD_QUATERNION,
    refinements: int = 1,
) -> ArmPath:
    """Joint positions that take the end effector along paths, from where the arm is now.

    Args:
        positions: (B, T, 3) of the end effector in the base frame, one step after the other [m].
        start: (7,) joint positions before the first step [rad].
        quaternion: (4,) x y z w, orientation of the hand all along.
        refinements: Newton steps on all steps at once after one on each in turn.

    Computed in float64; good to 0.1 mm along paths within reach whose steps are below 3 cm. The
    gradient is that of one damped least-squares step at the answer with its Jacobian held: it
    leaves out that a step also moves the posture in which the later ones begin.

    Raises:
        InvalidValueError: on wrong shapes or values that are not finite.
    """
    if positions.dim() != 3 or positions.shape[-1] != 3:
        raise InvalidValueError(f'positions: expected (B, T, 3), got {tuple(positions.shape)}')
    if np.shape(start) != (JOINT_COUNT,) or not np.isfinite(start).all():
        raise InvalidValueError('start: expected 7 finite numbers')
    goals = positions.detach().double()
    if not torch.isfinite(goals).all():
        raise InvalidValueError('positions: not finite')
    with torch.no_grad():
        solver = _Solver(quaternion, goals.device)
        joints = solver.sweep(goals, torch.tensor(start, dtype=torch.float64))
        for _ in range(refinements):
            joints = solver.step(joints, goals)
        poses = forward_kinematics(joints)
        errors = (goals - poses.positions[..., -1, :]).norm(dim=-1)
        answer = joints.to(positions.dtype)
    if positions.requires_grad:
        with torch.no_grad():
            inverse = _damped_inverse(poses.jacobian(), _GRADIENT_DAMPING)[..., :3]
        moved = (positions - positions.detach()).unsqueeze(-1)
        answer = answer + (inverse.to(positions.dtype) @ moved).squeeze(-1)
    return ArmPath(answer, errors.to(positions.dtype))


class _Solver:
    # Damped least squares for one orientation of the hand, in float64.
    def __init__(self, quaternion: np.ndarray, device: torch.device) -> None:
        def constant(values: np.ndarray) -> torch.Tensor:
            return torch.tensor(values, dtype=torch.float64, device=device)

        self._rotation = constant(_rotation_matrix(quaternion))
        self._lower = constant(fr3.JOINT_LOWER_LIMITS + _LIMIT_MARGIN)
        self._upper = constant(fr3.JOINT_UPPER_LIMITS - _LIMIT_MARGIN)
        self._rest = constant(fr3.HOME_JOINT_POSITIONS)

    def sweep(self, goals: torch.Tensor, start: torch.Tensor) -> torch.Tensor:
        """(B, T, 7): one step of the solver per step of the path, each from the one before."""
        joints = start.to(goals.device).expand(len(goals), JOINT_COUNT)
        path = []
        for goal in goals.unbind(1):
            joints = self.step(joints, goal, fr3.POSTURE_GAIN)
            path.append(joints)
        return torch.stack(path, 1) if path else goals.new_zeros(*goals.shape[:2], JOINT_COUNT)

    def step(
        self, joints: torch.Tensor, goals: torch.Tensor, posture_gain: float = 0.0
    ) -> torch.Tensor:
        """Joints (..., 7) nearer to the goals (..., 3) and, within the null space, to rest."""
        poses = forward_kinematics(joints)
        error = torch.cat([
            goals - poses.positions[..., -1, :], self._turn_left(poses.rotations[..., -1, :, :])
        ], -1).unsqueeze(-1)
        jacobian = poses.jacobian()
        posture = posture_gain * (self._rest - joints).unsqueeze(-1)
        # J^+ error + (1 - J^+ J) posture, with one solve.
        step = _damped_inverse(jacobian, _DAMPING) @ (error - jacobian @ posture) + posture
        step = step.squeeze(-1)
        longest = step.abs().amax(-1, keepdim=True).clamp_min(_MAXIMUM_STEP)
        return torch.clamp(joints + step * (_MAXIMUM_STEP / longest), self._lower, self._upper)

    def _turn_left(self, rotation: torch.Tensor) -> torch.Tensor:
        # Axis times sine of the angle: the rotation vector for the small turns that occur here.
        goal = self._rotation.expand_as(rotation)
        return 0.5 * torch.linalg.cross(rotation, goal, dim=-2).sum(-1)


def _damped_inverse(jacobian: torch.Tensor, damping: float) -> torch.Tensor:
    """(..., 7, 6) damped pseudo-inverse of (..., 6, 7)."""
    square = jacobian @ jacobian.transpose(-1, -2)
    square.diagonal(dim1=-2, dim2=-1).add_(damping**2)
    return torch.cholesky_solve(jacobian, torch.linalg.cholesky(square)).transpose(-1, -2)


def _rotation_matrix(quaternion: np.ndarray) -> np.ndarray:
    x, y, z, w = np.asarray(quaternion, dtype=np.float64) / np.linalg.norm(quaternion)
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.eye(3) + 2.0 * w * cross + 2.0 * cross @ cross
