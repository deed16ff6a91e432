"""Everything that is compared, under one interface and with equal network evaluations.

A method is 20 particles of 10 denoising steps, or fewer particles where it evaluates the network
more often for each.
"""

from __future__ import annotations

from dataclasses import replace

from vls_core.steering.baselines.best_of_n import BestOfN
from vls_core.steering.baselines.published import PublishedSteering
from vls_core.steering.baselines.resampling_only import ResamplingOnly
from vls_core.steering.baselines.stochastic_sampling import StochasticSampling
from vls_core.steering.baselines.universal_guidance import UniversalGuidance
from vls_core.steering.config import SteeringConfig
from vls_core.steering.sampler import Sampler, Steering

PARTICLES = 20

OURS = SteeringConfig()
"""For the closed loop: as it comes. Its rungs hold 18 particles, which leaves two evaluations of
ten denoising steps for asking the network which good plan it finds most plausible."""
PLANAR = replace(OURS, tolerance=0.05)
"""For the planar task, where an end within 8 or 10 cm of the goal counts as there."""

ABLATIONS: dict[str, dict[str, object]] = {
    'without ladder': {'rungs': (2.0,), 'particles_per_rung': 18},
    'plain best of 18': {'rungs': (0.0,), 'particles_per_rung': 18},
    'a single particle': {'rungs': (2.0,), 'particles_per_rung': 1},
    'without plausibility': {'plausibility_at': 0.0},
    'without inner steps': {'inner_steps': 1},
    'without trust region': {'trust': 1e6},
    'without repulsion': {'diversity': 0.0},
    'without resampling': {'resample_size': 1.0},
    'without fresh noise': {'fresh_noise': 0.0},
    'without stochastic steps': {'stochasticity': 0.0},
    'fully stochastic steps': {'stochasticity': 1.0},
    'constant strength': {'schedule': 'constant'},
    'falling strength': {'schedule': 'decay'},
    'last step unguided': {'guide_last': False},
    'fading near the goal': {'fade': 0.05},
    'with refinement': {'refinements': 2, 'particles_per_rung': 3},
    'backpropagation': {'backpropagate': True},
}
"""What each variant changes of ours."""


def compared() -> dict[str, Sampler]:
    """Ours and what it is compared with: with published constants, and with tuned ones."""
    return {
        'base': BestOfN(1),
        'best of N': BestOfN(PARTICLES),
        'resampling only': ResamplingOnly(PARTICLES),
        'as coded': PublishedSteering('as_coded', PARTICLES),
        'as published': PublishedSteering('as_published', PARTICLES),
        'ITPS': StochasticSampling(PARTICLES // 4, repeats=4),
        'universal guidance': UniversalGuidance(PARTICLES // 4, recurrences=4),
        **tuned(),
        'ours': Steering(PLANAR),
    }


def tuned() -> dict[str, Sampler]:
    """What ours is compared with, with constants chosen for the planar policies.

    `python -m benchmarks.steering.tuning` shows what was tried, on seeds that are reported
    nowhere. Two entries go beyond what was published: one executes the best particle instead of
    particle 0, the other adds backward guidance, in steps that do not depend on the reward's unit.
    """
    return {
        'resampling only, tuned': ResamplingOnly(PARTICLES, sharpness=300.0),
        'as coded, tuned': PublishedSteering('as_coded', PARTICLES, strength=30.0),
        'as coded, tuned, best executed': PublishedSteering(
            'as_coded', PARTICLES, strength=30.0, best_executed=True
        ),
        'as published, tuned': PublishedSteering('as_published', PARTICLES, strength=20.0),
        'ITPS, tuned': StochasticSampling(PARTICLES // 4, repeats=4, guide_ratio=30.0),
        'universal guidance, tuned': UniversalGuidance(
            PARTICLES // 4, recurrences=4, weight=600.0
        ),
        'universal guidance, tuned, backward': UniversalGuidance(
            PARTICLES // 4, recurrences=4, weight=30.0, backward_steps=5, backward_rate=0.03
        ),
    }


def ablations() -> dict[str, Sampler]:
    """Ours with one ingredient left out or changed at a time."""
    return {
        name: Steering(replace(PLANAR, **overrides))  # type: ignore[arg-type]
        for name, overrides in ABLATIONS.items()
    }


SETS = {'compared': compared, 'ablations': ablations}
