"""Forward and inverse kinematics of the FR3 with the Franka Hand.

The model is assembled here from the placements in `fr3.py`, so that the robot computer needs no
robot description file; a test holds it against the manufacturer's.
"""

from __future__ import annotations

import numpy as np
import pinocchio as pin

from vls_core.control import fr3
from vls_core.control.robot_limits import FR3, RobotLimits
from vls_core.types import END_EFFECTOR_FRAME, InvalidValueError

_POSITION_TOLERANCE = 1e-4
_ROTATION_TOLERANCE = 1e-3
_DAMPING = 1e-3
_MAXIMUM_STEP = 0.5


class UnreachableError(ValueError):
    """No joint positions within the limits bring the end effector to the pose asked for."""


def fr3_model() -> pin.Model:
    """The arm: its seven joints, and the frame of the end effector."""
    model = pin.Model()
    parent = 0
    for (translation, turn), name in zip(fr3.JOINT_PLACEMENTS, fr3.JOINT_NAMES, strict=True):
        placement = pin.SE3(pin.utils.rotate('x', turn), np.array(translation))
        parent = model.addJoint(parent, pin.JointModelRZ(), placement, name)
    hand = pin.SE3(
        pin.utils.rotate('z', fr3.HAND_ROTATION), np.array([0.0, 0.0, fr3.JOINT7_TO_HAND])
    )
    tcp = hand * pin.SE3(np.eye(3), np.array([0.0, 0.0, fr3.HAND_TO_END_EFFECTOR]))
    model.addFrame(pin.Frame(END_EFFECTOR_FRAME, parent, 0, tcp, pin.FrameType.OP_FRAME))
    return model


class Fr3Kinematics:
    """Kinematics of the arm, base frame `fr3_link0` to `fr3_hand_tcp`. Not for several threads.

    Args:
        margin: distance kept from the joint limits by `solve` [rad].
        rest: (7,) posture the redundant joint is drawn to [rad]; default: the home position.
        limits: of the robot; a Panda has the geometry of an FR3.
    """

    def __init__(
        self, margin: float = 0.05, rest: np.ndarray = fr3.HOME_JOINT_POSITIONS,
        limits: RobotLimits = FR3,
    ) -> None:
        self._model = fr3_model()
        self._data = self._model.createData()
        self._frame = self._model.getFrameId(END_EFFECTOR_FRAME)
        self._lower, self._upper = limits.within(margin)
        self._rest = np.clip(rest, self._lower, self._upper)

    def forward(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pose of the end effector: position (3,) [m] and quaternion (4,) x y z w."""
        pose = self._pose(np.asarray(positions, dtype=np.float64))
        quaternion = pin.Quaternion(pose.rotation)
        return pose.translation.copy(), quaternion.coeffs().copy()

    def linear_jacobian(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Position (3,) of the end effector [m] and its derivative (3, 7) [m/rad], in the base.

        Args:
            positions: (7,) [rad].
        """
        pin.computeJointJacobians(self._model, self._data, positions)
        pose = pin.updateFramePlacement(self._model, self._data, self._frame)
        jacobian = pin.getFrameJacobian(
            self._model, self._data, self._frame, pin.ReferenceFrame.LOCAL_WORLD_ALIGNED
        )
        return pose.translation.copy(), jacobian[:3]

    def solve(
        self,
        position: np.ndarray,
        quaternion: np.ndarray,
        seed: np.ndarray,
        maximum_iterations: int = 100,
    ) -> np.ndarray:
        """Joint positions (7,) that put the end effector at a pose, near a seed (7,) [rad].

        Damped least squares; the first iteration pulls the null space a little towards the rest
        posture, so that a stream of poses drifts there. A seed close to the answer costs one or
        two iterations, well below 0.2 ms. The answer is accurate to 0.1 mm and 1 mrad.

        Raises:
            InvalidValueError: the pose or the seed is not finite.
            UnreachableError: no convergence within the joint limits.
        """
        if not (np.isfinite(position).all() and np.isfinite(quaternion).all()
                and np.isfinite(seed).all()):
            raise InvalidValueError('pose and seed must be finite')
        turn = pin.Quaternion(np.asarray(quaternion, dtype=np.float64)).normalized()
        target = pin.SE3(turn.toRotationMatrix(), np.asarray(position, dtype=np.float64))
        q = np.clip(np.asarray(seed, dtype=np.float64), self._lower, self._upper)
        posture = fr3.POSTURE_GAIN * (self._rest - q)
        for _ in range(maximum_iterations):
            error, jacobian = self._error_and_jacobian(q, target)
            if (np.linalg.norm(error[:3]) < _POSITION_TOLERANCE
                    and np.linalg.norm(error[3:]) < _ROTATION_TOLERANCE):
                return q
            q = np.clip(q + _step(error, jacobian, posture), self._lower, self._upper)
            posture = np.zeros_like(q)
        x, y, z = position
        raise UnreachableError(
            f'end-effector pose at ({x:.3f}, {y:.3f}, {z:.3f}) m is out of reach'
        )

    def _pose(self, q: np.ndarray) -> pin.SE3:
        pin.forwardKinematics(self._model, self._data, q)
        return pin.updateFramePlacement(self._model, self._data, self._frame)

    def _error_and_jacobian(self, q: np.ndarray, target: pin.SE3) -> tuple[np.ndarray, np.ndarray]:
        # Both in the end-effector frame: position error [m] above rotation error [rad].
        pin.computeJointJacobians(self._model, self._data, q)
        pose = pin.updateFramePlacement(self._model, self._data, self._frame)
        jacobian = pin.getFrameJacobian(
            self._model, self._data, self._frame, pin.ReferenceFrame.LOCAL
        )
        return pin.log6(pose.actInv(target)).vector, jacobian


def _step(error: np.ndarray, jacobian: np.ndarray, posture: np.ndarray) -> np.ndarray:
    damped = jacobian @ jacobian.T + _DAMPING**2 * np.eye(6)
    # J^+ error + (1 - J^+ J) posture, with one solve.
    step = jacobian.T @ np.linalg.solve(damped, error - jacobian @ posture) + posture
    return step * min(1.0, _MAXIMUM_STEP / max(np.abs(step).max(), 1e-12))
