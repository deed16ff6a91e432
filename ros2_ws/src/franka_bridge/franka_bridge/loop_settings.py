"""How the control loop is set up, and what it tells about itself."""

from __future__ import annotations

from dataclasses import dataclass

from vls_core.control.chunk_clock import ChunkRules
from vls_core.control.envelope import EnvelopeRules
from vls_core.control.limiter import LimitScales
from vls_core.control.watchdog import BridgeState


@dataclass(frozen=True)
class LoopSettings:
    """How the loop works.

    Attributes:
        rate: references per second [Hz].
        dead_man_time: how long after its last step a chunk counts as run out [s].
        home_speed: share of full speed on the way home.
        dry_run: compute everything, send nothing.
    """

    rate: float = 200.0
    dead_man_time: float = 0.15
    home_speed: float = 0.2
    dry_run: bool = True
    scales: LimitScales = LimitScales()
    chunk_rules: ChunkRules = ChunkRules()
    envelope_rules: EnvelopeRules = EnvelopeRules()


@dataclass(frozen=True)
class LoopStatus:
    """What is going on; meanings as in BridgeStatus.msg."""

    state: BridgeState
    reason: str
    chunk_age: float
    last_sequence: int
    accepted_chunks: int
    refused_chunks: int
    starvations: int
    limited_references: int
    gripper_width: float
    overruns: int
