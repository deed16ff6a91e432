"""franky_sim's robot at a fraction of its computing time while it is driven by torques.

franky_sim reports a thousand times a second everything that libfranka knows, derivatives of
commands that nobody gave included, and computes it in Python. A client that commands torques, as
the bridge does, is told what is measured instead: the joints, the end effector, the torques.
Whoever commands motions gets franky_sim's own reports.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import mujoco
import numpy as np
from franky_sim.base_simulator import InnerRobotState
from franky_sim.franka_robot_state import FrankaRobotState
from franky_sim.mujoco_simulator import FrankaMujocoRobot, MujocoSimulator

from vls_core.types import JOINT_COUNT

_MEASURED = ('q', 'q_d', 'dq', 'dq_d', 'tau_J', 'tau_J_d', 'tau_ext_hat_filtered')
_POSES = ('O_T_EE', 'O_T_EE_d', 'O_T_EE_c')
_ELBOWS = ('elbow', 'elbow_d', 'elbow_c')
_AT_REST = {
    'ddq_d': 7, 'dtau_J': 7, 'O_dP_EE_d': 6, 'delbow_c': 2, 'ddelbow_c': 2, 'O_dP_EE_c': 6,
    'O_ddP_EE_c': 6,
}
"""Derivatives that are zero in reports to those who command torques, and their sizes."""
_MODES = ('robot_mode', 'controller_mode', 'motion_generator_mode')


class TorqueReport:
    """What a client is told after one step; stands in for franky_sim's FrankaRobotState.

    Attributes:
        q, q_d: (7,) measured joint positions, which count as commanded [rad].
        O_T_EE: (16,) measured pose of the end effector, column by column.
    """

    def __init__(self, template: bytes, values: dict[str, Sequence[float]]) -> None:
        self.q = self.q_d = tuple(values['q'])
        self.O_T_EE = tuple(values['O_T_EE'])  # noqa: N815 (franky_sim's name)
        self._packed = bytearray(template)
        for name, numbers in values.items():
            struct.pack_into(f'<{len(numbers)}f', self._packed, _OFFSETS[name], *numbers)

    def replace(self, **modes: int) -> TorqueReport:
        """The same with other modes, by the names of FrankaRobotState."""
        for name, mode in modes.items():
            self._packed[_OFFSETS[name]] = int(mode)
        return self

    def pack_state(self) -> bytes:
        """As libfranka expects it."""
        return bytes(self._packed)


class LeanRobot(FrankaMujocoRobot):
    """A robot that reports in full only to those who command motions."""

    _template: bytes | None = None  # of a report; None: one in full is due
    _moved_by_commands = False
    _report: TorqueReport | None = None  # of the last step; None: it was reported in full

    def joint_position_control(
        self, target_q: Sequence[float], *more: object, **named: object
    ) -> None:
        """See BaseRobot."""
        self._moved_by_commands = True
        super().joint_position_control(target_q, *more, **named)

    def joint_velocity_control(
        self, target_dq: Sequence[float], *more: object, **named: object
    ) -> None:
        """See BaseRobot; Cartesian commands come here in the end."""
        self._moved_by_commands = True
        super().joint_velocity_control(target_dq, *more, **named)

    def torque_control(self, torques: Sequence[float], *more: object, **named: object) -> None:
        """See BaseRobot."""
        self._commanded = np.clip(torques, self._lowest, self._highest)
        super().torque_control(self._commanded, *more, **named)

    def set_load(self, *load: object) -> None:
        """See BaseRobot."""
        super().set_load(*load)
        self._template = None

    def set_NE_T_EE(self, *transform: object) -> None:  # noqa: N802 (franky_sim's name)
        """See BaseRobot."""
        super().set_NE_T_EE(*transform)
        self._template = None

    def set_EE_T_K(self, *transform: object) -> None:  # noqa: N802 (franky_sim's name)
        """See BaseRobot."""
        super().set_EE_T_K(*transform)
        self._template = None

    @property
    def state(self) -> FrankaRobotState | TorqueReport:
        """What is reported of the last step."""
        return self._report or super().state

    def _attach_to_scene(
        self, model: mujoco.MjModel, data: mujoco.MjData, prefix: str
    ) -> None:
        super()._attach_to_scene(model, data, prefix)
        joints, motions = (
            slice(first, first + JOINT_COUNT)
            for first in (self._qpos_addrs[0], self._dof_addrs[0])
        )
        # Views: making them anew costs more than reading through them.
        self._positions, self._velocities = data.qpos[joints], data.qvel[motions]
        self._forces = data.qfrc_applied[motions]
        self._lowest, self._highest = self.torque_limit_low, self.torque_limit_high

    def _get_state(self) -> InnerRobotState:
        if self._data is None:
            return super()._get_state()
        return InnerRobotState(
            tuple(self._positions.tolist()), tuple(self._velocities.tolist()),
            tuple(self._applied_torques.tolist()),
        )

    def _torque_control(self, torques: np.ndarray) -> None:
        self._applied_torques = torques.clip(self._lowest, self._highest)
        self._forces[:] = self._applied_torques

    def _post_step(self) -> None:
        if self._moved_by_commands or self._template is None:
            super()._post_step()
            self._report, self._moved_by_commands = None, False
            self._template = self._template or _template(super().state)
            return
        self._report = self._measured()
        # franky_sim's clock, which its full reports are kept by.
        self._BaseRobot__prev_t = self._BaseRobot__t
        self._BaseRobot__t += self._model.opt.timestep

    def _measured(self) -> TorqueReport:
        state = self._get_state()
        pose = self.kinematics(self._positions).homogeneous.ravel('F').tolist()
        elbow = (state.q[2], 1.0 if state.q[3] > 0.0 else -1.0)
        commanded = self._commanded.tolist()
        measured = (state.q, state.q, state.dq, state.dq, state.tau_j, commanded, state.tau_j)
        assert self._template is not None, 'made in the first step'
        return TorqueReport(self._template, {
            **dict(zip(_MEASURED, measured, strict=True)),
            **dict.fromkeys(_POSES, pose), **dict.fromkeys(_ELBOWS, elbow),
        })


class LeanSimulator(MujocoSimulator):
    """A simulator whose robots are lean."""

    def add_robot(self, **settings: object) -> LeanRobot:
        """See MujocoSimulator."""
        super().add_robot(**settings)
        settings.pop('position', None)  # is in the scene by now
        self._robots[-1] = LeanRobot(**settings)
        return self._robots[-1]


def _template(state: FrankaRobotState) -> bytes:
    return state.replace(**{name: (0.0,) * size for name, size in _AT_REST.items()}).pack_state()


def _offset(name: str) -> int:
    """Where a field begins in a packed report: where changing it changes the first byte."""
    plain = FrankaRobotState()
    mark = 255 if name in _MODES else (_MARK, *getattr(plain, name)[1:])
    packed = zip(plain.pack_state(), plain.replace(**{name: mark}).pack_state(), strict=True)
    return next(number for number, (byte, marked) in enumerate(packed) if byte != marked)


_MARK, = struct.unpack('<f', b'\x01\x01\x01\x01')
_OFFSETS = {name: _offset(name) for name in (*_MEASURED, *_POSES, *_ELBOWS, *_MODES)}
