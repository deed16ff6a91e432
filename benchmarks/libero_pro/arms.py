"""The arms of the comparison: one frozen policy, equal chunks, replanning and computing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from benchmarks.libero_pro.episode import WORKSPACE, Arm
from benchmarks.steering.methods import PARTICLES, compared
from vls_core.steering.baselines.published import PublishedSteering
from vls_core.steering.config import SteeringConfig
from vls_core.steering.gate import GateConfig
from vls_core.steering.sampler import Steering
from vls_core.vlm.offline import OfflineAuthor

BASE, OURS, PRIVILEGED = 'base', 'ours', 'ours privileged'
STEERING = SteeringConfig(
    rungs=(0.0, 2.0, 8.0), stochasticity=0.0, inner_steps=2, last_inner_steps=8, momentum=0.8,
    levelling=0.6, base_share=0.5,
)
"""Stronger than it comes, without fresh noise, with momentum, levelled gradients, and most of them
in the last denoising step: where things have been moved, these base policies pull back to where
they were. A base policy that makes half of the best progress is left alone. 18 particles in 3
rungs, and two evaluations for plausibility, make 20. Tuned on libero_object and libero_goal."""


class UnknownArmError(ValueError):
    """There is no arm of that name; the message lists those there are."""


def _ours(gate: bool = True, privileged: bool = False, **changes: object) -> Arm:
    config = replace(STEERING, **changes)  # type: ignore[arg-type]
    return Arm(
        Steering(config), GateConfig() if gate else None, privileged, OfflineAuthor(WORKSPACE)
    )


def _compared(name: str) -> Arm:
    return Arm(compared()[name], author=OfflineAuthor(WORKSPACE))


ARMS: Mapping[str, Callable[[], Arm]] = {
    BASE: lambda: Arm(None),
    'best of N': lambda: _compared('best of N'),
    'as coded': lambda: _compared('as coded'),
    'as coded tuned': lambda: _compared('as coded, tuned'),
    'as coded, best executed': lambda: Arm(
        PublishedSteering('as_coded', PARTICLES, strength=80.0, best_executed=True),
        author=OfflineAuthor(WORKSPACE),
    ),
    'ITPS': lambda: _compared('ITPS'),
    'ITPS tuned': lambda: _compared('ITPS, tuned'),
    'ours without gate': lambda: _ours(gate=False),
    'ours without ladder': lambda: _ours(
        rungs=STEERING.rungs[-1:],
        particles_per_rung=len(STEERING.rungs) * STEERING.particles_per_rung,
    ),
    'ours without levelling': lambda: _ours(levelling=0.0),
    OURS: _ours,
    PRIVILEGED: lambda: _ours(privileged=True),
}
"""By name; made anew for every process. "tuned": with the strength chosen in
`benchmarks.steering.tuning`, see there. "best executed" is not published: the best particle acts,
not particle 0, with the strength that did best in `benchmarks.libero_pro.tuning`."""
BASELINES = (
    'best of N', 'as coded', 'as coded tuned', 'as coded, best executed', 'ITPS', 'ITPS tuned',
)
assert len(STEERING.rungs) * STEERING.particles_per_rung + 2 == PARTICLES


def arm_named(name: str) -> Arm:
    """An arm. Raises UnknownArmError."""
    if name not in ARMS:
        raise UnknownArmError(f'there is no arm "{name}"; choose of: {", ".join(ARMS)}')
    return ARMS[name]()
