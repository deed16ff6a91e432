"""The loop that keeps the arm on its references, free of ROS.

Every period: read the arm, ask the watchdog, take the target of the chunk in force, limit it,
check it against the envelope, send it. Whatever goes wrong ends in a latched fault and a stopped
arm.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from franka_bridge.arm import Arm, ArmError, ArmState
from franka_bridge.gripper_thread import GripperThread
from franka_bridge.homing import home_waypoints
from franka_bridge.loop_settings import LoopSettings, LoopStatus
from vls_core.control.chunk_clock import ChunkClock, RefusedChunkError, Sample
from vls_core.control.envelope import Envelope, EnvelopeViolationError
from vls_core.control.gripper_logic import GripperCommand, GripperLogic
from vls_core.control.kinematics import Fr3Kinematics
from vls_core.control.limiter import LimiterError, Reference, ReferenceLimiter
from vls_core.control.trajectory import JointPoint
from vls_core.control.watchdog import BridgeState, TransitionError, Watchdog
from vls_core.types import ActionChunk

_GRIPPER_TIMEOUT = 10.0
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
        self._arm = arm
        self._gripper = gripper
        self._settings = settings
        self._listener = listener
        self._time = clock
        self._watchdog = Watchdog(settings.dead_man_time)
        self._chunks = ChunkClock(Fr3Kinematics(), settings.chunk_rules)
        self._envelope = Envelope(Fr3Kinematics(), settings.envelope_rules)
        self._gripper_logic = GripperLogic()
        self._state = arm.read()
        self._limiter = ReferenceLimiter(
            self._state.joint_positions, 1.0 / settings.rate, settings.scales
        )
        self._last_robot_time, self._credit = self._state.time, 0.0
        self._lock = threading.RLock()  # guards everything above; never held while waiting
        self._transition = threading.Lock()  # one of arm, disarm, home, recover at a time
        self._cancelled = threading.Event()
        self._moving_home = False
        self._refusal = ''
        self._accepted = self._refused = self._limited = self._overruns = 0
        self._thread: threading.Thread | None = None
        self._running = False

    # --- life ---

    def start(self) -> None:
        """Begins to cycle."""
        self._running = True
        self._thread = threading.Thread(target=self._run, name='control loop', daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Brings the arm to rest and ends the loop."""
        self._cancelled.set()
        self._running = False
        if self._thread is not None:
            self._thread.join(2.0)
        with self._lock:
            following = self._watchdog.state.follows
            self._watchdog.disarm()
        if following and not self._settings.dry_run:
            self._arm.stop_tracking()

    def _run(self) -> None:
        period = 1.0 / self._settings.rate
        due = time.monotonic()
        while self._running:
            self.cycle()
            due += period
            left = due - time.monotonic()
            if left > 0.0:
                time.sleep(left)
            elif left < -period:  # missed a whole period: do not rush to catch up
                self._overruns += 1
                due = time.monotonic()

    # --- one cycle ---

    def cycle(self) -> None:
        """One period: read, decide, check, send, tell the listener."""
        try:
            state = self._arm.read()
        except ArmError as error:
            self.fault(f'the arm cannot be read: {error}; restart the bridge if that persists')
            return
        with self._lock:
            self._state = state
            reference = self._decide()
        self._listener(state, reference)

    def _decide(self) -> Reference | None:
        try:
            if self._state.error:
                raise ArmError(self._state.error)
            if self._watchdog.state.follows and not self._moving_home:
                return self._follow()
        except (ArmError, EnvelopeViolationError, LimiterError) as error:
            self._fault(str(error))
        except Exception as error:  # the arm must be stopped, whatever went wrong
            _log.exception('error in the control loop')
            self._fault(f'internal error: {error!r}')
        return None

    def _follow(self) -> Reference:
        now = self._time()
        state = self._watchdog.tick(now, self._chunks.end_time)
        sample = self._chunks.sample(now) if state is BridgeState.TRACKING else None
        reference = self._next_reference(sample)
        dry_run = self._settings.dry_run
        measured = reference.position if dry_run else self._state.joint_positions
        self._envelope.check(reference, measured)
        if not dry_run:
            self._arm.track(reference)
            self._drive_gripper(sample.gripper if sample else None)
        return reference

    def _next_reference(self, sample: Sample | None) -> Reference:
        # The limits hold in the robot's time: a simulated robot slower than real time must not see
        # references that come too fast for it.
        period = 1.0 / self._settings.rate
        self._credit = min(self._credit + self._state.time - self._last_robot_time, 2.0 * period)
        self._last_robot_time = self._state.time
        if self._credit < 0.5 * period:
            return self._limiter.reference
        self._credit -= period
        if sample is None:
            return self._limiter.brake()
        reference = self._limiter.step(sample.point.position, sample.point.velocity)
        self._limited += reference.limited
        return reference

    def _drive_gripper(self, opening: float | None) -> None:
        command = None if opening is None else self._gripper_logic.step(opening)
        if command is not None:
            self._gripper.command(command)

    def _fault(self, reason: str) -> None:
        if not self._watchdog.state.latched:
            self._watchdog.fault(reason)
            self._gripper.drop_queued()
            if not self._settings.dry_run:
                self._arm.stop()

    # --- what the outside may ask ---

    def accept(self, chunk: ActionChunk) -> None:
        """Follows a chunk from now on. Raises RefusedChunkError or TransitionError if not."""
        with self._lock:
            try:
                self._watchdog.require_armed('follow a chunk')
                if self._moving_home:
                    raise TransitionError('cannot follow a chunk: the arm is going home')
                reference = self._limiter.reference
                present = JointPoint(reference.position, reference.velocity)
                self._chunks.accept(chunk, self._time(), present)
                self._watchdog.chunk_accepted()
            except (RefusedChunkError, TransitionError) as error:
                self.refuse(str(error))
                raise
            self._accepted += 1
            self._refusal = ''

    def refuse(self, reason: str) -> None:
        """Counts a chunk that was refused, here or before it came here."""
        with self._lock:
            self._refused += 1
            self._refusal = reason

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
            self._gripper.drop_queued()
            if not self._settings.dry_run:
                self._arm.stop()  # again: a motion may have begun meanwhile

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
                self._chunks.clear(self._time())

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
                self._go_home()
            except ArmError as error:
                self.fault(f'on the way home: {error}')
                raise
            finally:
                with self._lock:
                    self._moving_home = False

    def _go_home(self) -> None:
        self._arm.stop_tracking()
        self._gripper.command(GripperCommand.OPEN)
        if not self._gripper.wait_until_idle(_GRIPPER_TIMEOUT):
            raise ArmError(self._gripper.failure or 'the gripper did not open in time')
        waypoints = home_waypoints(self._state.joint_positions)
        self._arm.move_through(waypoints, self._settings.home_speed, self._cancelled)
        self._begin_following()

    def _begin_following(self) -> None:
        state = self._arm.read()
        start = state.joint_positions
        with self._lock:
            self._last_robot_time, self._credit = state.time, 0.0
            self._limiter.reset(start)
            self._envelope.reset(start)
            self._gripper_logic.reset()
            self._chunks.clear(self._time())
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
    def status(self) -> LoopStatus:
        """What is going on now."""
        with self._lock:
            chunk = self._chunks.chunk
            return LoopStatus(
                state=self._watchdog.state,
                reason=self._watchdog.reason or self._refusal,
                chunk_age=self._time() - chunk.observation_time if chunk else -1.0,
                last_sequence=chunk.sequence if chunk else 0,
                accepted_chunks=self._accepted,
                refused_chunks=self._refused,
                starvations=self._watchdog.starvations,
                limited_references=self._limited + self._chunks.clamped_targets,
                gripper_width=self._gripper.width,
                overruns=self._overruns,
            )
