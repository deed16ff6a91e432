"""The loop that keeps the arm on its references, free of ROS.

Every period: read the arm, ask the watchdog, take the target of the chunk in force, limit it,
check it against the envelope, send it. Whatever goes wrong ends in a latched fault and a stopped
arm.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from franka_bridge.arm import Arm, ArmError, ArmState
from franka_bridge.gripper_thread import GripperThread
from franka_bridge.homing import WayHome
from franka_bridge.loop_settings import LoopSettings, LoopStatus
from franka_bridge.loop_thread import LoopThread
from franka_bridge.timing import TimingSummary
from franka_bridge.tracking import Tracking
from vls_core.control import fr3
from vls_core.control.chunk_rules import RefusedChunkError
from vls_core.control.collisions import Box
from vls_core.control.errors import EnvelopeViolationError
from vls_core.control.freshness import Freshness
from vls_core.control.gripper_logic import GripperCommand, GripperLogic, GripperOutcome
from vls_core.control.limiter import LimiterError, Reference
from vls_core.control.watchdog import BridgeState, TransitionError, Watchdog
from vls_core.types import ActionChunk

_GRIPPER_TIMEOUT = 10.0
_HOME_POLL_PERIOD = 0.02
_HOME_PATIENCE = 10.0  # s; limits and a slow simulation may stretch the way
_ASKED_HOME, _AT_HOME = 0.001, 0.05  # rad; of the reference and of the arm
_log = logging.getLogger(__name__)


class ControlLoop:
    """Makes an arm follow action chunks.

    Args:
        arm: the arm.
        gripper: its gripper.
        settings: how.
        listener: called after every cycle with the measured state and the reference (None while
            the arm is not made to follow anything), in the loop's thread.
        clock: monotonic time [s]; observation times of chunks are on this clock.
    """

    def __init__(
        self,
        arm: Arm,
        gripper: GripperThread,
        settings: LoopSettings,
        listener: Callable[[ArmState, Reference | None], None] = lambda state, reference: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._arm, self._gripper, self._settings = arm, gripper, settings
        self._listener, self._time = listener, clock
        self._watchdog = Watchdog(settings.dead_man_time)
        self._state = arm.read()
        self._tracking = Tracking(settings, self._state)
        self._freshness = Freshness(settings.state_timeout)
        self._gripper_logic = GripperLogic()
        self._lock = threading.RLock()  # guards everything above; never held while waiting
        self._solving = threading.Lock()  # one chunk at a time
        self._transition = threading.Lock()  # one of arm, disarm, home, recover at a time
        self._cancelled = threading.Event()
        self._moving_home = False
        self._refusal = ''
        self._accepted = 0
        self._refusals: Counter[str] = Counter()
        self._violations: Counter[str] = Counter()
        self._thread = LoopThread(self.cycle, 1.0 / settings.rate, settings.scheduling)

    # --- life ---

    @property
    def running(self) -> bool:
        """Whether anything cycles."""
        return self._thread.running

    def start(self) -> None:
        """Begins to cycle. Raises InvalidSchedulingError if this machine cannot do as asked."""
        self._cancelled.clear()
        self._thread.start()

    def close(self) -> None:
        """Brings the arm to rest and ends the loop; `start` may be called again."""
        self._cancelled.set()
        self._thread.close()
        with self._lock:
            following = self._watchdog.state.follows
            self._watchdog.disarm()
        if following and not self._settings.dry_run:
            self._arm.stop_tracking()

    # --- one cycle ---

    def cycle(self) -> None:
        """One period: read, decide, check, send, tell the listener. Raises nothing."""
        try:
            self._cycle()
        except Exception as error:  # the arm must be stopped, and the loop go on, whatever it was
            if not self._watchdog.state.latched:  # once, not every period
                _log.exception('error in the control loop')
            self.fault(f'internal error: {error!r}')

    def _cycle(self) -> None:
        try:
            state = self._arm.read()
        except ArmError as error:
            self.fault(f'the arm cannot be read: {error}; restart the bridge if that persists')
            return
        with self._lock:
            self._state = state
            reference = self._decide(state)
        self._listener(state, reference)

    def _decide(self, state: ArmState) -> Reference | None:
        try:
            if state.user_stop:
                self._stop_for(state.error)
            elif state.error:
                raise ArmError(state.error)
            elif self._watchdog.state.follows:
                return self._follow(state)
        except EnvelopeViolationError as error:
            self._violations[type(error).__name__] += 1
            self._fault(str(error))
        except (ArmError, LimiterError) as error:
            self._fault(str(error))
        return None

    def _follow(self, state: ArmState) -> Reference:
        now = self._time()
        self._freshness.check(state.time, now)
        watched = self._watchdog.tick(now, self._tracking.chunks.end_time)
        step = self._tracking.step(state, now, moving=watched is BridgeState.TRACKING)
        if not self._settings.dry_run:
            self._arm.track(step.reference, state)
            self._drive_gripper(step.gripper)
        return step.reference

    def _drive_gripper(self, opening: float | None) -> None:
        command = None if opening is None else self._gripper_logic.step(opening)
        if command is not None:
            self._gripper.command(command)

    def _fault(self, reason: str) -> None:
        if not self._watchdog.state.latched:
            self._watchdog.fault(reason)
            self._halt()

    def _stop_for(self, reason: str) -> None:
        if self._watchdog.state is not BridgeState.ESTOP:
            self._watchdog.stop(reason)
            self._halt()

    def _halt(self) -> None:
        if not self._settings.dry_run:
            self._arm.stop()
        self._gripper.cancel()

    # --- what the outside may ask ---

    def accept(self, chunk: ActionChunk) -> None:
        """Follows a chunk from now on. Raises RefusedChunkError or TransitionError if not."""
        with self._solving:  # beside the loop, which must not wait for inverse kinematics
            try:
                with self._lock:
                    self._require_following()
                    admitted = self._tracking.admit(chunk, self._time())
                solved = self._tracking.chunks.solve(admitted)
                with self._lock:
                    self._require_following()
                    self._tracking.commit(solved, self._time())
                    self._watchdog.chunk_accepted()
                    self._accepted += 1
                    self._refusal = ''
            except (RefusedChunkError, TransitionError) as error:
                self.refuse(error)
                raise

    def _require_following(self) -> None:
        self._watchdog.require_armed('follow a chunk')
        if self._moving_home:
            raise TransitionError('cannot follow a chunk: the arm is going home')

    def refuse(self, reason: Exception) -> None:
        """Counts a chunk that was refused, here or before it came here."""
        with self._lock:
            self._refusals[type(reason).__name__] += 1
            self._refusal = str(reason)

    def program_announced(self, program_id: str) -> None:
        """A reward program came into force, '' if the last one has ended."""
        with self._lock:
            self._tracking.chunks.program_announced(program_id, self._time())

    def set_obstacles(self, obstacles: tuple[Box, ...]) -> None:
        """Replaces what stands in the way, in the base frame."""
        self._tracking.envelope.collisions.set_obstacles(obstacles)

    def arm(self) -> None:
        """Makes the arm follow, holding still at first. Raises TransitionError or ArmError."""
        with self._one_transition('arm'):
            with self._lock:
                if self._watchdog.state.follows:
                    return
                if self._gripper.failure:
                    raise TransitionError(f'cannot arm: {self._gripper.failure}')
                self._watchdog.require_unlatched('arm')
            self._begin_following()
            with self._lock:
                self._watchdog.arm()

    def disarm(self) -> None:
        """Brings the arm to rest. Raises TransitionError or ArmError."""
        with self._one_transition('disarm'):
            with self._lock:
                following = self._watchdog.state.follows
                self._watchdog.disarm()
                self._gripper.drop_queued()
            if following and not self._settings.dry_run:
                self._arm.stop_tracking()

    def stop(self, reason: str = 'stopped by an operator') -> None:
        """Stops the arm at once and latches."""
        self._cancelled.set()
        if not self._settings.dry_run:
            self._arm.stop()  # first of all, whoever holds the lock
        with self._lock:
            self._watchdog.stop(reason)
            self._halt()  # again: a motion may have begun meanwhile

    def fault(self, reason: str) -> None:
        """Stops the arm because something else failed, and latches."""
        with self._lock:
            self._fault(reason)

    def recover(self) -> None:
        """Clears errors; the arm has to be armed again. Raises TransitionError or ArmError."""
        with self._one_transition('recover'):
            with self._lock:
                self._watchdog.require_latched()
            self._cancelled.clear()
            if self._gripper.failure:
                raise TransitionError(f'cannot recover: {self._gripper.failure}')
            if not self._settings.dry_run:
                self._arm.recover()
            with self._lock:
                if self._cancelled.is_set():
                    raise TransitionError('stopped again while recovering')
                self._watchdog.recover()
                self._refusal = ''
                self._tracking.chunks.clear(self._time())

    def home(self) -> None:
        """Opens the gripper, goes home, follows again. Raises TransitionError or ArmError."""
        with self._one_transition('go home'):
            with self._lock:
                self._watchdog.require_armed('go home')
                if self._settings.dry_run:
                    raise TransitionError('cannot go home: dry_run is on, nothing is sent')
                self._watchdog.chunk_dropped()
                self._moving_home = True
            try:
                self._open_gripper()
                self._go_home()
            except ArmError as error:
                self.fault(f'on the way home: {error}')
                raise
            finally:
                with self._lock:
                    self._moving_home = False
                    self._tracking.stay(self._time())

    def _open_gripper(self) -> None:
        self._gripper.command(GripperCommand.OPEN)
        opened = self._gripper.wait_until_idle(_GRIPPER_TIMEOUT)
        if not opened or self._gripper.last_outcome is not GripperOutcome.OPENED:
            raise ArmError(self._gripper.failure or 'the gripper did not open in time')

    def _go_home(self) -> None:
        with self._lock:
            way = self._tracking.go_home(self._time())
        while not self._at_home(way):
            if self._cancelled.wait(_HOME_POLL_PERIOD) or self._watchdog.state.latched:
                raise ArmError(self._watchdog.reason or 'the motion was stopped')

    def _at_home(self, way: WayHome) -> bool:
        now = self._time()
        if now > way.end_time + _HOME_PATIENCE:
            raise ArmError('the arm did not get there in time')
        asked, measured = (
            np.abs(positions - fr3.HOME_JOINT_POSITIONS).max()
            for positions in (self._tracking.position, self._state.joint_positions)
        )
        return now > way.end_time and bool(asked < _ASKED_HOME and measured < _AT_HOME)

    def _begin_following(self) -> None:
        state = self._arm.read()
        with self._lock:
            self._tracking.begin(state, self._time())
            self._freshness.reset()
            self._gripper_logic.reset()
        if self._settings.dry_run:
            return
        self._arm.start_tracking()
        with self._lock:
            if self._watchdog.state.latched:  # stopped in the middle of it
                self._arm.stop()
                self._watchdog.require_unlatched('follow')

    @contextmanager
    def _one_transition(self, action: str) -> Iterator[None]:
        if not self._transition.acquire(blocking=False):
            raise TransitionError(f'cannot {action}: another transition is under way')
        try:
            yield
        finally:
            self._transition.release()

    @property
    def asked_positions(self) -> np.ndarray:
        """(7,) where the arm is asked to be; as measured while it follows nothing [rad]."""
        with self._lock:
            follows = self._watchdog.state.follows
            return self._tracking.position if follows else self._state.joint_positions

    @property
    def timing(self) -> TimingSummary | None:
        """How regular the references of the last half minute were."""
        return self._thread.timing.summary()

    @property
    def status(self) -> LoopStatus:
        """What is going on now."""
        with self._lock:
            chunk = self._tracking.chunks.chunk
            return LoopStatus(
                state=self._watchdog.state,
                reason=self._watchdog.reason or self._refusal,
                chunk_age=self._time() - chunk.observation_time if chunk else -1.0,
                last_sequence=chunk.sequence if chunk else 0,
                accepted_chunks=self._accepted,
                refusals=dict(self._refusals),
                violations=dict(self._violations),
                program=self._tracking.chunks.program,
                starvations=self._watchdog.starvations,
                limited_references=self._tracking.limited,
                gripper_width=self._gripper.width,
                gripper_holding=self._gripper.holding,
                command_success_rate=self._state.command_success_rate,
                scheduling=self._thread.scheduling.refused,
            )
