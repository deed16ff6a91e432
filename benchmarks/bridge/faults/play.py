"""Plays faults on the judge and observes what comes of them."""

from __future__ import annotations

from contextlib import suppress
from types import TracebackType

import numpy as np

from benchmarks.bridge.bridge_process import WaitError, wait_for
from benchmarks.bridge.faults.bad_chunks import BAD_CHUNKS
from benchmarks.bridge.faults.fault import Fault, Observation
from benchmarks.bridge.faults.in_memory import MemoryFault, bench_in_motion
from benchmarks.bridge.faults.people import PEOPLE
from benchmarks.bridge.faults.rig import FaultRig, motion_after
from benchmarks.bridge.faults.silence import SILENCE
from vls_core.control.watchdog import BridgeState

JUDGED_FAULTS = (*BAD_CHUNKS, *SILENCE, *PEOPLE)
_OBSERVED = 1.0  # s of a motion that goes on
_PREPARATIONS = 3  # a computer that pauses can end a motion before anything is injected


class FaultPlayer:
    """Keeps one rig for as many faults as it survives; a context."""

    def __init__(self) -> None:
        self._rig: FaultRig | None = None
        self._parameters: dict[str, object] = {}

    def __enter__(self) -> FaultPlayer:
        """Nothing runs yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Ends what runs."""
        self._end()

    def play(self, fault: Fault) -> Observation:
        """Injects a fault into a swinging arm.

        Raises:
            WaitError: what should have followed did not.
            AssertionError: likewise.
        """
        try:
            return self._play(fault)
        except BaseException:
            self._end()
            raise

    def _play(self, fault: Fault) -> Observation:
        rig = self._swinging(dict(fault.parameters))
        rig.refusal = ''
        reflexes = len(rig.judge.reflexes())
        moment = rig.moment()
        fault.inject(rig)
        self._await_outcome(rig, fault, moment)
        status = rig.client.status
        observation = Observation(
            state=None if fault.expected is None else BridgeState(status.state),
            reason=rig.refusal or status.reason,
            motion=motion_after(rig.judge.trace(), moment),
            reflexes=tuple(item.error for item in rig.judge.reflexes()[reflexes:]),
        )
        if fault.counted:
            wait_for(lambda: _count(rig, fault.counted) > 0, f'{fault.counted} on /diagnostics')
        rig.policy.reset()
        if fault.restarts:
            self._end()
        return observation

    def _await_outcome(self, rig: FaultRig, fault: Fault, moment: float) -> None:
        if fault.expected is not None:
            rig.client.wait_for_state(fault.expected)
        if not fault.goes_on:
            wait_for(
                lambda: motion_after(rig.judge.trace(), moment).stop_time is not None,
                'the arm to rest',
            )
        elif fault.expected is BridgeState.TRACKING:
            end = rig.moment() + _OBSERVED
            wait_for(lambda: rig.moment() > end, 'the motion to go on')

    def _swinging(self, parameters: dict[str, object]) -> FaultRig:
        """A rig whose arm swings; a new one where the last did not come to it."""
        for _ in range(_PREPARATIONS - 1):
            with suppress(WaitError, RuntimeError):
                return self._swing(parameters)
            self._end()
        return self._swing(parameters)

    def _swing(self, parameters: dict[str, object]) -> FaultRig:
        rig = self._ready(parameters)
        rig.swing()
        return rig

    def _ready(self, parameters: dict[str, object]) -> FaultRig:
        if self._rig is None or parameters != self._parameters:
            self._end()
            rig = FaultRig(**parameters)
            rig.__enter__()
            self._rig, self._parameters = rig, parameters
        return self._rig

    def _end(self) -> None:
        rig, self._rig = self._rig, None
        if rig is not None:
            with suppress(WaitError):
                rig.__exit__(None, None, None)


def play_in_memory(fault: MemoryFault) -> tuple[BridgeState, str]:
    """State and reason that follow a fault on the arm in memory."""
    bench = bench_in_motion()
    fault.inject(bench)
    status = bench.loop.status
    if fault.counted and not status.violations.get(fault.counted):
        raise AssertionError(f'{fault.counted} was not counted: {status.violations}')
    return status.state, status.reason


def _count(rig: FaultRig, name: str) -> int:
    counts = [rig.client.diagnostics.get(f'{kind}: {name}', '0')
              for kind in ('refused', 'violation')]
    return int(np.sum([int(count) for count in counts]))
