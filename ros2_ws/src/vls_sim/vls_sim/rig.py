"""The simulated scene and the controllers of the real path in one process, without a network.

For demonstrations, evaluation while training, and tests. The way from a target to torques is that
of the stack: Cartesian target -> inverse kinematics -> reference limiter (both from vls_core, at
200 Hz) -> joint impedance at 1 kHz. What is missing is the network, the latency and the cameras.
"""

from __future__ import annotations

import mujoco
import numpy as np

from vls_core.control import fr3
from vls_core.control.gripper_logic import GripperCommand, GripperLogic
from vls_core.control.kinematics import Fr3Kinematics, UnreachableError
from vls_core.control.limit_scales import LimitScales
from vls_core.control.limiter import Reference, ReferenceLimiter
from vls_core.types import (
    MAXIMUM_GRIPPER_WIDTH,
    InvalidValueError,
    Keypoint,
    RobotState,
    Scene,
    SceneObject,
)
from vls_sim.joint_impedance import JointImpedance
from vls_sim.scene_catalogue import CATALOGUE, CatalogueItem
from vls_sim.scene_layout import SceneLayout, lay_out
from vls_sim.scene_model import (
    ROBOT_PREFIX,
    TIMESTEP,
    build_simulator,
    object_pose,
    place_objects,
)
from vls_sim.scoring import EpisodeScore, score_episode

CONTROL_PERIOD = 1.0 / 15.0
"""Time that one step of the rig advances [s]."""

POSITION_NOISE = 0.003
"""Standard deviation of the noise that `Rig.scene` adds on request [m]."""

DEMONSTRATION_SCALES = LimitScales(0.4, 0.4, 0.1, 0.95)
"""Shares of the robot's limits that demonstrations are recorded with; the demo's bridge uses the
same."""

_ARM, _FINGERS = slice(0, 7), slice(7, 9)
_REFERENCE_PERIOD = 0.005
_REFERENCES_PER_STEP = CONTROL_PERIOD / _REFERENCE_PERIOD  # 13 1/3: the grids differ
_PHYSICS_STEPS = round(_REFERENCE_PERIOD / TIMESTEP)
_SETTLING_TIME = 0.2
_FINGER_SPEED = 0.05
_GRASP_FORCE = 30.0


class NotResetError(RuntimeError):
    """The rig was used before its first reset."""


class Rig:
    """The scene with an arm that follows end-effector targets; the hand always points down.

    Two rigs given the same seed, shift and steps go through the same states, bit by bit.
    """

    def __init__(self) -> None:
        self._simulator, self._robot = build_simulator(cameras=())
        self._simulator.init()
        self._simulator.start()
        self._model, self._data = self._simulator.model, self._simulator.data
        joint = self._model.joint(f'{ROBOT_PREFIX}fr3_joint1')
        assert joint.qposadr[0] == 0 and joint.dofadr[0] == 0, 'the arm comes first in the model'
        # Views into MuJoCo's memory: making them anew a thousand times a second costs more than
        # what is read through them.
        self._arm_positions, self._arm_velocities = self._data.qpos[_ARM], self._data.qvel[_ARM]
        self._arm_bias = self._data.qfrc_bias[_ARM]
        self._arm_forces = self._data.qfrc_applied[_ARM]
        self._kinematics = Fr3Kinematics()
        self._limiter = ReferenceLimiter(
            fr3.HOME_JOINT_POSITIONS, _REFERENCE_PERIOD, DEMONSTRATION_SCALES
        )
        self._impedance = JointImpedance()
        self._gripper_logic = GripperLogic()
        self._layout: SceneLayout | None = None

    @property
    def model(self) -> mujoco.MjModel:
        """The physics model, for renderers and tests."""
        return self._model

    @property
    def data(self) -> mujoco.MjData:
        """The physics state, for renderers and tests."""
        return self._data

    @property
    def layout(self) -> SceneLayout:
        """The layout of the running episode. Raises NotResetError."""
        if self._layout is None:
            raise NotResetError('call reset(seed, shift) first')
        return self._layout

    def reset(self, seed: int, shift: str) -> SceneLayout:
        """Starts an episode: arm at home, gripper open, objects laid out and settled.

        Raises:
            vls_sim.scene_layout.UnknownShiftError: there is no such shift.
        """
        self._layout = lay_out(seed, shift)
        mujoco.mj_resetData(self._model, self._data)
        self._data.qpos[_ARM] = fr3.HOME_JOINT_POSITIONS
        self._data.qpos[_FINGERS] = MAXIMUM_GRIPPER_WIDTH / 2
        place_objects(self._model, self._data, self._layout)
        mujoco.mj_forward(self._model, self._data)
        self._limiter.reset(fr3.HOME_JOINT_POSITIONS)
        self._impedance.reset()
        self._joint_target = np.array(fr3.HOME_JOINT_POSITIONS)
        self._target, _ = self._kinematics.forward(self._joint_target)
        self._steps = self._reference_steps = 0
        self._gripper_logic.reset(GripperCommand.OPEN)
        self._drive_gripper(GripperCommand.OPEN)
        for _ in range(round(_SETTLING_TIME / TIMESTEP)):
            self._step_physics(self._limiter.reference)
        return self._layout

    def robot_state(self) -> RobotState:
        """The measured state; the stamp is the simulated time since the reset [s]."""
        positions = self._data.qpos[_ARM]
        position, quaternion = self._kinematics.forward(positions)
        return RobotState(
            stamp=self._data.time,
            joint_positions=positions,
            joint_velocities=self._data.qvel[_ARM],
            end_effector_position=position,
            end_effector_quaternion=quaternion,
            gripper_width=self._robot.hand_width,
        )

    def scene(self, noise: np.random.Generator | None = None) -> Scene:
        """The objects as perception would report them, but from the TRUE positions.

        Privileged: for demonstrations and evaluation only, nothing on the way to a robot may use
        it. With a generator, every object is displaced by noise of POSITION_NOISE per axis.
        """
        return Scene(
            stamp=self._data.time,
            objects=tuple(self._scene_object(item, noise) for item in CATALOGUE),
            detector='ground truth',
        )

    def step(self, position: np.ndarray, gripper: float) -> None:
        """Advances by CONTROL_PERIOD while the target moves on a straight line to position.

        Args:
            position: (3,) of the end effector at the end of the step [m]. Positions outside of
                the workspace are moved inside; the arm waits at the last reachable target where
                there is no solution.
            gripper: commanded opening, 0 closed to 1 fully open.

        Raises:
            NotResetError: before the first reset.
            vls_core.types.InvalidValueError: position or gripper is not finite.
        """
        position = np.array(position, dtype=np.float64)
        if position.shape != (3,) or not np.isfinite([*position, gripper]).all():
            raise InvalidValueError('expected 3 finite coordinates and a finite gripper opening')
        if self._layout is None:
            raise NotResetError('call reset(seed, shift) first')
        self._command_gripper(gripper)
        start, goal = self._target, fr3.DEFAULT_WORKSPACE.clamp(position)
        end = int((self._steps + 1) * _REFERENCES_PER_STEP + 1e-6)
        for index in range(self._reference_steps, end):
            fraction = (index + 1) / _REFERENCES_PER_STEP - self._steps
            reference = self._follow(start + fraction * (goal - start))
            for _ in range(_PHYSICS_STEPS):
                self._step_physics(reference)
        self._steps, self._reference_steps = self._steps + 1, end
        self._target = goal

    def score(self) -> EpisodeScore:
        """The verdict on the present state. Raises NotResetError."""
        return score_episode(self._model, self._data, self.layout)

    def _follow(self, position: np.ndarray) -> Reference:
        try:
            target = self._kinematics.solve(
                position, fr3.DOWNWARD_QUATERNION, self._joint_target
            )
        except UnreachableError:
            target = self._joint_target
        velocity = (target - self._joint_target) / _REFERENCE_PERIOD
        self._joint_target = target
        return self._limiter.step(target, velocity)

    def _command_gripper(self, opening: float) -> None:
        command = self._gripper_logic.step(opening)
        if command is not None:
            self._drive_gripper(command)

    def _drive_gripper(self, command: GripperCommand) -> None:
        width = MAXIMUM_GRIPPER_WIDTH if command is GripperCommand.OPEN else 0.0
        self._robot.set_hand_goal(width, _FINGER_SPEED, _GRASP_FORCE)

    def _step_physics(self, reference: Reference) -> None:
        torque = self._impedance.torque(self._arm_positions, self._arm_velocities, reference)
        # The arm compensates gravity and Coriolis forces on its own, as the real one does.
        np.add(torque, self._arm_bias, out=self._arm_forces)
        self._robot._pre_step()  # noqa: SLF001 (the gripper's controller; step() would also pack
        mujoco.mj_step(self._model, self._data)  # a robot state for a network that is not there)

    def _scene_object(
        self, item: CatalogueItem, noise: np.random.Generator | None
    ) -> SceneObject:
        center, rotation = object_pose(self._model, self._data, item.name)
        if noise is not None:
            center = center + noise.normal(0.0, POSITION_NOISE, 3)
        extent = np.abs(rotation) @ np.array(item.extent)
        covariance = POSITION_NOISE**2 * np.eye(3)
        top = center + [0.0, 0.0, extent[2] / 2]
        return SceneObject(
            item.name, item.kind, center, extent,
            (Keypoint('center', center, covariance), Keypoint('top', top, covariance)),
            self._data.time,
        )
