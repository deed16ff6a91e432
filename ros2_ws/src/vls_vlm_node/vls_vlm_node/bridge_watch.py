"""Whether the arm can be moved at all, as far as the bridge says; without ROS or clock."""

from __future__ import annotations

from vls_vlm_node.commands import Outcome
from vls_vlm_node.world import BridgeReport, BridgeState, ErrorCode


class BridgeWatch:
    """Remembers since when something is amiss. Times are seconds on one monotonic clock.

    Arguments:
        patience: with a silent or unarmed bridge [s].
        now: when watching begins.
    """

    def __init__(self, patience: float, now: float) -> None:
        self._patience = patience
        self._began = now
        self._idle_since: float | None = None

    def problem(self, now: float, bridge: BridgeReport | None) -> Outcome | None:
        """Why a task cannot go on; None while it can, or while that is not sure yet."""
        heard = max(self._began, bridge.received if bridge else self._began)
        if now - heard >= self._patience:
            return _not_ready(f'no bridge_status for {self._patience:g} s: is franka_bridge '
                              'running?')
        if bridge is None or ready(bridge):
            self._idle_since = None
            return None
        because = f' ({bridge.reason})' if bridge.reason else ''
        if bridge.state is BridgeState.FAULT:
            return _not_ready(f'the bridge is in a fault{because}: mend it, then call recover')
        if bridge.state is BridgeState.ESTOP:
            return _not_ready(f'the arm was stopped{because}: make sure it may move, then call '
                              'recover')
        if self._idle_since is None:
            self._idle_since = now
        if now - self._idle_since >= self._patience:
            return _not_ready(f'the arm is not armed{because}: call franka_bridge/arm')
        return None


def ready(bridge: BridgeReport | None) -> bool:
    """Whether chunks would be followed, or at least computed with in a dry run."""
    if bridge is None or bridge.state in (BridgeState.FAULT, BridgeState.ESTOP):
        return False
    return bridge.dry_run or bridge.state is not BridgeState.IDLE


def _not_ready(message: str) -> Outcome:
    return Outcome(ErrorCode.BRIDGE_NOT_READY, message)
