"""A fault: what is broken, and what has to come of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from benchmarks.bridge.faults.rig import FaultRig, Motion
from vls_core.control.watchdog import BridgeState

Inject = Callable[[FaultRig], None]


@dataclass(frozen=True)
class Fault:
    """One row of the fault table, on the judge.

    Attributes:
        name: what is wrong.
        how: how it is brought about.
        inject: brings it about, while the arm swings; returns once it is done.
        expected: the state of the bridge that follows.
        reason: part of what the bridge has to say about it.
        counted: name under which /diagnostics has to count it; '' if it is not counted.
        goes_on: the arm need not come to rest.
        parameters: of the bridge.
        restarts: bridge or judge are gone afterwards.
        robot_stops: it is the robot that stops the arm, with an error of its own.
    """

    name: str
    how: str
    inject: Inject
    expected: BridgeState | None
    reason: str = ''
    counted: str = ''
    goes_on: bool = False
    parameters: Mapping[str, object] = field(default_factory=dict)
    restarts: bool = False
    robot_stops: bool = False


@dataclass(frozen=True)
class Observation:
    """What came of a fault.

    Attributes:
        state: of the bridge; None where there is no bridge any more.
        reason: what it said.
        motion: of the arm from the moment of the fault on.
        reflexes: names of the errors with which the judge ended a motion.
    """

    state: BridgeState | None
    reason: str
    motion: Motion
    reflexes: tuple[str, ...]
