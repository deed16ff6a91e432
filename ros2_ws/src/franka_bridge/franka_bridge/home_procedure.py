"""Going home: the gripper opens, the arm follows the way, and somebody waits until it is there."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

from franka_bridge.arm import ArmError
from franka_bridge.arm_cycle import ArmCycle
from franka_bridge.gripper_thread import GripperThread
from franka_bridge.homing import WayHome
from vls_core.control import fr3
from vls_core.control.gripper_logic import GripperCommand, GripperOutcome

_GRIPPER_TIMEOUT = 10.0  # s
_POLL_PERIOD = 0.02  # s
_PATIENCE = 10.0  # s; limits and a slow simulation may stretch the way
_ASKED_HOME, _AT_HOME = 0.001, 0.05  # rad; of the reference and of the arm


class HomeProcedure:
    """Brings an armed arm home along limited and checked references.

    Args:
        cycle: that moves the arm meanwhile, on its own thread.
        gripper: its gripper.
        clock: monotonic time [s].
    """

    def __init__(
        self, cycle: ArmCycle, gripper: GripperThread, clock: Callable[[], float]
    ) -> None:
        self._cycle, self._gripper, self._time = cycle, gripper, clock
        self.under_way = False
        """Whether the arm belongs to nobody else just now."""

    def run(self, cancelled: threading.Event) -> None:
        """Goes home and stays there. Raises ArmError: something did not, or it was cancelled."""
        cycle = self._cycle
        with cycle.lock:
            cycle.watchdog.chunk_dropped()
            self.under_way = True
        try:
            self._open_gripper()
            with cycle.lock:
                way = cycle.tracking.go_home(self._time())
            self._wait(way, cancelled)
        finally:
            with cycle.lock:
                self.under_way = False
                cycle.tracking.stay(self._time())

    def _open_gripper(self) -> None:
        self._gripper.command(GripperCommand.OPEN)
        opened = self._gripper.wait_until_idle(_GRIPPER_TIMEOUT)
        if not opened or self._gripper.last_outcome is not GripperOutcome.OPENED:
            raise ArmError(self._gripper.failure or 'the gripper did not open in time')

    def _wait(self, way: WayHome, cancelled: threading.Event) -> None:
        watchdog = self._cycle.watchdog
        while not self._arrived(way):
            if cancelled.wait(_POLL_PERIOD) or watchdog.state.latched:
                raise ArmError(watchdog.reason or 'the motion was stopped')

    def _arrived(self, way: WayHome) -> bool:
        now = self._time()
        asked, measured = (
            np.abs(positions - fr3.HOME_JOINT_POSITIONS).max()
            for positions in (self._cycle.tracking.position, self._cycle.state.joint_positions)
        )
        if now > way.end_time and asked < _ASKED_HOME and measured < _AT_HOME:
            return True  # however late it is looked at
        if now > way.end_time + _PATIENCE:
            raise ArmError('the arm did not get home in time')
        return False
