"""The state of the bridge as a pure state machine: what may follow what, and when to hold.

IDLE --arm--> ARMED --chunk--> TRACKING --chunk ran out--> STARVED --chunk--> TRACKING; disarming
leads back to IDLE. FAULT and ESTOP are latched: only `recover` leads out, to IDLE, and the arm
has to be armed again.
"""

from __future__ import annotations

from enum import IntEnum

from vls_core.types import InvalidValueError


class BridgeState(IntEnum):
    """State of the bridge; the values are those of BridgeStatus.msg."""

    IDLE = 0
    ARMED = 1
    TRACKING = 2
    STARVED = 3
    FAULT = 4
    ESTOP = 5

    @property
    def follows(self) -> bool:
        """Whether the arm is made to follow references."""
        return self in (BridgeState.ARMED, BridgeState.TRACKING, BridgeState.STARVED)

    @property
    def latched(self) -> bool:
        """Whether only `recover` leads out of the state."""
        return self in (BridgeState.FAULT, BridgeState.ESTOP)


class TransitionError(RuntimeError):
    """The present state does not allow this; the message says what to do."""


class Watchdog:
    """Knows the state and the reason of the last fault, stop or refusal. Not for several threads.

    Args:
        dead_man_time: how long after its last step a chunk counts as run out [s].

    Raises:
        InvalidValueError: dead_man_time is not positive.
    """

    def __init__(self, dead_man_time: float = 0.15) -> None:
        if not dead_man_time > 0.0:
            raise InvalidValueError(f'dead_man_time must be positive, got {dead_man_time}')
        self._dead_man_time = dead_man_time
        self.state = BridgeState.IDLE
        self.reason = ''
        self.starvations = 0

    def arm(self) -> None:
        """Lets the arm follow references. Raises TransitionError when latched."""
        self.require_unlatched('arm')
        if self.state is BridgeState.IDLE:
            self.state = BridgeState.ARMED
            self.reason = ''

    def disarm(self) -> None:
        """Back to IDLE, unless latched."""
        if not self.state.latched:
            self.state = BridgeState.IDLE

    def require_unlatched(self, action: str) -> None:
        """Raises TransitionError, naming the action, in FAULT and ESTOP."""
        if self.state.latched:
            raise TransitionError(
                f'cannot {action}: the bridge is in {self.state.name} ({self.reason}); '
                'call recover first'
            )

    def require_armed(self, action: str) -> None:
        """Raises TransitionError, naming the action, unless the arm follows references."""
        self.require_unlatched(action)
        if not self.state.follows:
            raise TransitionError(f'cannot {action}: the arm is not armed; call arm first')

    def chunk_accepted(self) -> None:
        """A chunk came into force. Raises TransitionError unless armed."""
        self.require_armed('follow a chunk')
        self.state = BridgeState.TRACKING

    def chunk_dropped(self) -> None:
        """No chunk is in force any more: armed, but waiting."""
        if self.state.follows:
            self.state = BridgeState.ARMED

    def tick(self, now: float, last_step_due: float | None) -> BridgeState:
        """The state at a time, given when the last step of the chunk in force is due [s]."""
        ran_out = last_step_due is None or now > last_step_due + self._dead_man_time
        if self.state is BridgeState.TRACKING and ran_out:
            self.state = BridgeState.STARVED
            self.starvations += 1
        return self.state

    def fault(self, reason: str) -> None:
        """Latches FAULT; an operator's stop stays what it is."""
        if not self.state.latched:
            self.state = BridgeState.FAULT
            self.reason = reason

    def stop(self, reason: str = 'stopped by an operator') -> None:
        """Latches ESTOP, from any state."""
        self.state = BridgeState.ESTOP
        self.reason = reason

    def require_latched(self) -> None:
        """Raises TransitionError unless there is something to recover from."""
        if not self.state.latched:
            raise TransitionError(f'nothing to recover from: the bridge is {self.state.name}')

    def recover(self) -> None:
        """Leaves FAULT or ESTOP for IDLE. Raises TransitionError when in neither."""
        self.require_latched()
        self.state = BridgeState.IDLE
        self.reason = ''
