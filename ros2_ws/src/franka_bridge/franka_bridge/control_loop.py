"""The bridge without ROS: a loop that keeps the arm on its references, and its requests.

What happens in a cycle is in `arm_cycle.py`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from franka_bridge.arm import Arm, ArmError, ArmState
from franka_bridge.arm_cycle import ArmCycle
from franka_bridge.chunk_counts import ChunkCounts
from franka_bridge.dry_arm import DryArm
from franka_bridge.gripper_thread import GripperThread
from franka_bridge.home_procedure import HomeProcedure
from franka_bridge.homing import require_home_inside
from franka_bridge.loop_settings import LoopSettings, LoopStatus
from franka_bridge.loop_thread import LoopThread
from franka_bridge.timing import TimingSummary
from vls_core.control.chunk_rules import RefusedChunkError
from vls_core.control.collisions import Box
from vls_core.control.limiter import Reference
from vls_core.control.watchdog import TransitionError
from vls_core.types import ActionChunk


class ControlLoop:
    """Makes an arm follow action chunks. Its methods may be called from any thread.

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
        self._arm: Arm = DryArm(arm) if settings.dry_run else arm
        self._gripper, self._settings, self._time = gripper, settings, clock
        self._cycle = ArmCycle(self._arm, gripper, settings, listener, clock)
        self._home = HomeProcedure(self._cycle, gripper, clock)
        self._chunks = ChunkCounts()
        self._solving = threading.Lock()  # one chunk at a time
        self._transition = threading.Lock()  # one of arm, disarm, home, recover at a time
        self._cancelled = threading.Event()
        self._thread = LoopThread(self.cycle, 1.0 / settings.rate, settings.scheduling)

    # --- life ---

    @property
    def running(self) -> bool:
        """Whether anything cycles."""
        return self._thread.running

    def start(self) -> None:
        """Begins to cycle. Raises InvalidSchedulingError or StillRunningError, as LoopThread."""
        self._cancelled.clear()
        self._thread.start()

    def close(self) -> None:
        """Brings the arm to rest and ends the loop; `start` may be called again."""
        self._cancelled.set()
        self._thread.close()
        self._cycle.end_following()

    def cycle(self) -> None:
        """One period, for those who drive the loop by hand. Raises nothing."""
        self._cycle.run()

    # --- chunks, and what they are judged by ---

    def accept(self, chunk: ActionChunk) -> None:
        """Follows a chunk from now on. Raises RefusedChunkError or TransitionError if not."""
        cycle = self._cycle
        with self._solving:  # beside the loop, which must not wait for inverse kinematics
            try:
                with cycle.lock:
                    self._require_following()
                    admitted = cycle.tracking.admit(chunk, self._time())
                solved = cycle.tracking.chunks.solve(admitted)
                with cycle.lock:
                    self._require_following()
                    cycle.tracking.commit(solved, self._time())
                    cycle.watchdog.chunk_accepted()
                    self._chunks.accept()
            except (RefusedChunkError, TransitionError) as error:
                self.refuse(error)
                raise

    def _require_following(self) -> None:
        self._cycle.watchdog.require_armed('follow a chunk')
        if self._home.under_way:
            raise TransitionError('cannot follow a chunk: the arm is going home')

    def refuse(self, reason: Exception) -> None:
        """Counts a chunk that was refused, here or before it came here."""
        with self._cycle.lock:
            self._chunks.refuse(reason)

    def program_announced(self, program_id: str) -> None:
        """A reward program came into force, '' if the last one has ended."""
        with self._cycle.lock:
            self._cycle.tracking.chunks.program_announced(program_id, self._time())

    def set_obstacles(self, obstacles: tuple[Box, ...]) -> None:
        """Replaces what stands in the way, in the base frame."""
        self._cycle.tracking.envelope.collisions.set_obstacles(obstacles)

    # --- from one state to another ---

    def arm(self) -> None:
        """Makes the arm follow, holding still at first. Raises TransitionError or ArmError."""
        watchdog = self._cycle.watchdog
        with self._one_transition('arm'):
            with self._cycle.lock:
                if watchdog.state.follows:
                    return
                if self._gripper.failure:
                    raise TransitionError(f'cannot arm: {self._gripper.failure}')
                watchdog.require_unlatched('arm')
            self._cycle.begin_following()
            with self._cycle.lock:
                watchdog.arm()

    def disarm(self) -> None:
        """Brings the arm to rest. Raises TransitionError or ArmError."""
        with self._one_transition('disarm'):
            self._gripper.drop_queued()
            self._cycle.end_following()

    def stop(self, reason: str = 'stopped by an operator') -> None:
        """Stops the arm at once and latches."""
        self._cancelled.set()
        self._cycle.stop(reason)

    def fault(self, reason: str) -> None:
        """Stops the arm because something else failed, and latches."""
        self._cycle.fault(reason)

    def recover(self) -> None:
        """Clears errors; the arm has to be armed again. Raises TransitionError or ArmError."""
        cycle = self._cycle
        with self._one_transition('recover'):
            with cycle.lock:
                cycle.watchdog.require_latched()
            self._cancelled.clear()
            self._gripper.revive()
            self._arm.recover()
            with cycle.lock:
                if self._cancelled.is_set():
                    raise TransitionError('stopped again while recovering')
                cycle.watchdog.recover()
                cycle.tracking.chunks.clear(self._time())
                self._chunks.last_refusal = ''

    def home(self) -> None:
        """Opens the gripper, goes home, follows again. Raises TransitionError or ArmError."""
        with self._one_transition('go home'):
            with self._cycle.lock:
                self._cycle.watchdog.require_armed('go home')
            if self._settings.dry_run:
                raise TransitionError('cannot go home: dry_run is on, nothing is sent')
            require_home_inside(self._settings.envelope_rules.workspace)
            try:
                self._home.run(self._cancelled)
            except ArmError as error:
                self.fault(f'on the way home: {error}')
                raise

    @contextmanager
    def _one_transition(self, action: str) -> Iterator[None]:
        if not self._transition.acquire(blocking=False):
            raise TransitionError(f'cannot {action}: another transition is under way')
        try:
            yield
        finally:
            self._transition.release()

    # --- what is going on ---

    @property
    def asked_positions(self) -> np.ndarray:
        """(7,) where the arm is asked to be; as measured while it follows nothing [rad]."""
        cycle = self._cycle
        with cycle.lock:
            follows = cycle.watchdog.state.follows
            return cycle.tracking.position if follows else cycle.state.joint_positions

    @property
    def timing(self) -> TimingSummary | None:
        """How regular the references of the last half minute were."""
        return self._thread.timing.summary()

    @property
    def status(self) -> LoopStatus:
        """What is going on now."""
        cycle = self._cycle
        with cycle.lock:
            watchdog, tracking = cycle.watchdog, cycle.tracking
            chunk = tracking.chunks.chunk
            return LoopStatus(
                state=watchdog.state,
                reason=watchdog.reason or self._chunks.last_refusal,
                chunk_age=self._time() - chunk.observation_time if chunk else -1.0,
                last_sequence=chunk.sequence if chunk else 0,
                accepted_chunks=self._chunks.accepted,
                refusals=dict(self._chunks.refusals),
                violations=dict(cycle.violations),
                program=tracking.chunks.program,
                starvations=watchdog.starvations,
                limited_references=tracking.limited,
                gripper_width=self._gripper.width,
                gripper_holding=self._gripper.holding,
                command_success_rate=cycle.state.command_success_rate,
                scheduling=self._thread.scheduling.refused,
            )
