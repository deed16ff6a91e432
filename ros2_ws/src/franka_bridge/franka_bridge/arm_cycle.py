"""One cycle of the bridge: whatever goes wrong in it ends in a latched fault and a stopped arm.

Read the arm, ask the watchdog, take the target of the chunk in force, limit it, check it against
the envelope, send it.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable

from franka_bridge.arm import Arm, ArmError, ArmState
from franka_bridge.gripper_thread import GripperThread
from franka_bridge.loop_settings import LoopSettings
from franka_bridge.tracking import Tracking
from vls_core.control.errors import EnvelopeViolationError, LimiterError
from vls_core.control.freshness import Freshness
from vls_core.control.gripper_logic import GripperLogic
from vls_core.control.limiter import Reference
from vls_core.control.watchdog import BridgeState, Watchdog

_log = logging.getLogger(__name__)


class ArmCycle:
    """What happens once per period, and how the arm is stopped.

    Args:
        arm: the arm; only looked at in a dry run.
        gripper: its gripper.
        settings: how.
        listener: called after every cycle with the measured state and the reference (None while
            the arm is not made to follow anything).
        clock: monotonic time [s].

    Attributes:
        lock: guards all of this, and is never held while waiting for anything but the arm.
        violations: references that were not sent, by the name of the reason.
    """

    def __init__(
        self, arm: Arm, gripper: GripperThread, settings: LoopSettings,
        listener: Callable[[ArmState, Reference | None], None], clock: Callable[[], float],
    ) -> None:
        self._arm, self._gripper, self._settings = arm, gripper, settings
        self._listener, self._time = listener, clock
        self.lock = threading.RLock()
        self.watchdog = Watchdog(settings.dead_man_time)
        self.state = arm.read()
        """As last measured."""
        self.tracking = Tracking(settings, self.state)
        self.violations: Counter[str] = Counter()
        self._freshness = Freshness(settings.state_timeout)
        self._gripper_logic = GripperLogic()

    def run(self) -> None:
        """One period: read, decide, check, send, tell the listener. Raises nothing."""
        try:
            self._run()
        except Exception as error:  # the arm must be stopped, and the loop go on, whatever it was
            if not self.watchdog.state.latched:  # once, not every period
                _log.exception('error in the control loop')
            self.fault(f'internal error: {error!r}')

    def _run(self) -> None:
        try:
            state = self._arm.read()
        except ArmError as error:
            self.fault(f'the arm cannot be read: {error}; restart the bridge if that persists')
            return
        with self.lock:
            self.state = state
            reference = self._decide(state)
        self._listener(state, reference)

    def _decide(self, state: ArmState) -> Reference | None:
        try:
            if state.user_stop:
                self._user_stop(state.error)
            elif state.error:
                raise ArmError(state.error)
            elif self.watchdog.state.follows:
                return self._follow(state)
        except EnvelopeViolationError as error:
            self.violations[type(error).__name__] += 1
            self.fault(str(error))
        except (ArmError, LimiterError) as error:
            self.fault(str(error))
        return None

    def _follow(self, state: ArmState) -> Reference:
        now = self._time()
        self._freshness.check(state.time, now)
        watched = self.watchdog.tick(now, self.tracking.chunks.end_time)
        step = self.tracking.step(state, now, moving=watched is BridgeState.TRACKING)
        self._arm.track(step.reference, state)
        if not self._settings.dry_run:
            self._drive_gripper(step.gripper)
        return step.reference

    def _drive_gripper(self, opening: float | None) -> None:
        command = None if opening is None else self._gripper_logic.step(opening)
        if command is not None:
            self._gripper.command(command)

    def begin_following(self) -> None:
        """Makes the arm follow, from where it is. Raises TransitionError or ArmError."""
        state = self._arm.read()
        with self.lock:
            self.tracking.begin(state, self._time())
            self._freshness.reset()
            self._gripper_logic.reset()
        self._arm.start_tracking()
        with self.lock:
            if self.watchdog.state.latched:  # stopped in the middle of it
                self._arm.stop()
                self.watchdog.require_unlatched('follow')

    def end_following(self) -> None:
        """Brings the arm to rest and lets go of it. Raises ArmError."""
        with self.lock:
            following = self.watchdog.state.follows
            self.watchdog.disarm()
        if following:
            self._arm.stop_tracking()

    def fault(self, reason: str) -> None:
        """Stops the arm because something failed, and latches."""
        with self.lock:
            if not self.watchdog.state.latched:
                self.watchdog.fault(reason)
                self._halt()

    def stop(self, reason: str) -> None:
        """Stops the arm at once, from any thread, and latches."""
        self._arm.stop()  # first of all, whoever holds the lock
        with self.lock:
            self.watchdog.stop(reason)
            self._halt()  # again: a motion may have begun meanwhile

    def _user_stop(self, reason: str) -> None:
        if self.watchdog.state is not BridgeState.ESTOP:
            self.watchdog.stop(reason)
            self._halt()

    def _halt(self) -> None:
        self._arm.stop()
        self._gripper.cancel()
