"""Cost: the time of a steered chunk over that of a plain chunk of as many particles.

Both are timed in one process on one thread, in turns, so that whatever else the machine does hits
both alike. A second pass, which is not part of the ratio, tells network, reward and kinematics
apart. `python -m benchmarks.steering.cost --quick`
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from rich.table import Table

from benchmarks.steering.denoisers import RealSizePolicy, Transformer, UNet
from benchmarks.steering.methods import OURS
from benchmarks.steering.stopwatch import PARTS, Stopwatch, TimedPolicy, TimedReward
from benchmarks.steering.version import CHECKPOINT, SOURCES, content_version
from vls_core.eval.jobs import console
from vls_core.eval.statistics import Estimate, bootstrap_ratio
from vls_core.policies.base import FrozenPolicy
from vls_core.policies.flow import FlowPolicy
from vls_core.rewards.stage_reward import StageReward
from vls_core.steering.config import SteeringConfig
from vls_core.steering.sampler import Steering, sample_base
from vls_core.types import Observation
from vls_core.vlm.author import AuthorRequest
from vls_core.vlm.offline import OfflineAuthor
from vls_sim.rig import Rig
from vls_sim.scene_catalogue import BOTTLE
from vls_sim.scene_layout import Shift

PARTICLES = (1, 4, 8, 16)
POLICIES: Mapping[str, Callable[[], FrozenPolicy]] = {
    'demo': lambda: FlowPolicy.load(CHECKPOINT),
    'unet': lambda: RealSizePolicy(UNet),
    'transformer': lambda: RealSizePolicy(Transformer),
}
REAL_SIZE = ('unet', 'transformer')
REPETITIONS, QUICK_REPETITIONS = 20, 3
QUICK_PARTICLES = (1, 8)
BESIDE = 0.16
"""Distance of the end effector from the axis of the bottle [m]."""
_WARM_UP = 2


@dataclass(frozen=True)
class CostCell:
    """What steering costs one policy at one number of particles.

    Attributes:
        policy: one of POLICIES.
        parameters: of its network.
        particles: of both chunks.
        plain, steered: median times of a chunk [s].
        ratio: of these, with the interval it is known to.
        split: seconds of a steered chunk by part, in the mean of a pass of its own.
    """

    policy: str
    parameters: int
    particles: int
    plain: float
    steered: float
    ratio: Estimate
    split: Mapping[str, float]


def config_with(particles: int, ours: SteeringConfig = OURS) -> SteeringConfig:
    """Our configuration with that many particles: as many of its rungs, evenly, as divide them.

    A single particle is guided; more include unguided ones where ours has them.
    """
    rungs = ours.rungs
    if particles == 1:
        guided = [rung for rung in rungs if rung > 0]
        return replace(ours, rungs=(guided[len(guided) // 2],), particles_per_rung=1)
    count = max(size for size in range(1, len(rungs) + 1) if particles % size == 0)
    # Without the last few: milder rungs are the more common choice.
    kept = rungs[:count] if count > 1 else rungs[-1:]
    return replace(ours, rungs=kept, particles_per_rung=particles // count)


def demo_situation() -> tuple[Observation, StageReward]:
    """A hand beside the bottle, and the stage of the most terms: all of them have work to do."""
    rig = Rig()
    layout = rig.reset(0, Shift.OBSTACLE)
    here = rig.robot_state().end_effector_position
    bottle = layout.positions[BOTTLE.name]
    way = (here - bottle)[:2] / np.linalg.norm((here - bottle)[:2])
    beside = np.array([*(bottle[:2] + BESIDE * way), bottle[2]])
    for share in np.linspace(0, 1, 40):
        rig.step(here + share * (beside - here), 1.0)
    robot, scene = rig.robot_state(), rig.scene()
    program = OfflineAuthor().write(AuthorRequest(layout.instruction, scene, None)).program
    stage = max(program.stages, key=lambda stage: len(stage.terms))
    observation = Observation(robot, scene, program.subject, program.target)
    return observation, StageReward(stage, scene, robot)


def time_in_turns(
    first: Callable[[], object],
    second: Callable[[], object],
    repetitions: int,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[list[float], list[float]]:
    """Seconds of each call, made in turns; which goes first alternates too."""
    calls: tuple[Callable[[], object], ...] = (first, second)
    for _ in range(_WARM_UP):
        for call in calls:
            call()
    seconds: tuple[list[float], list[float]] = ([], [])
    for repetition in range(repetitions):
        for index in (0, 1) if repetition % 2 == 0 else (1, 0):
            began = clock()
            calls[index]()
            seconds[index].append(clock() - began)
    return seconds


def measure(name: str, particles: int, repetitions: int) -> CostCell:
    """Times one policy at one number of particles."""
    policy = POLICIES[name]()
    observation, reward = demo_situation()
    generator = torch.Generator().manual_seed(0)
    steer = Steering(config_with(particles))

    def plain() -> None:
        policy.decode(sample_base(policy, observation, generator, particles), observation)

    def steered() -> None:
        steer(policy, observation, reward, generator)

    plain_seconds, steered_seconds = time_in_turns(plain, steered, repetitions)
    ratio = bootstrap_ratio(steered_seconds, plain_seconds)
    return CostCell(
        policy=name,
        parameters=sum(values.numel() for values in _network(policy).parameters()),
        particles=particles,
        plain=_median(plain_seconds),
        steered=_median(steered_seconds),
        ratio=ratio,
        split=split(policy, observation, reward, steer, max(3, repetitions // 4)),
    )


def split(
    policy: FrozenPolicy,
    observation: Observation,
    reward: StageReward,
    steer: Steering,
    repetitions: int,
) -> dict[str, float]:
    """Seconds of a steered chunk by part."""
    watch, generator = Stopwatch(), torch.Generator().manual_seed(0)
    timed_policy, timed_reward = TimedPolicy(policy, watch), TimedReward(reward, watch)
    began = time.perf_counter()
    for _ in range(repetitions):
        steer(timed_policy, observation, timed_reward, generator)
    total = time.perf_counter() - began
    return watch.shares(total, repetitions)


def _network(policy: FrozenPolicy) -> torch.nn.Module:
    return policy.network if isinstance(policy, RealSizePolicy) else policy  # type: ignore[return-value]


def _median(values: list[float]) -> float:
    return float(torch.tensor(values, dtype=torch.float64).median())


def version(repetitions: int) -> str:
    """Of the code, the weights and the effort that decide the numbers."""
    here = Path(__file__).parent
    files = [here / name for name in ('cost.py', 'denoisers.py', 'stopwatch.py', 'methods.py')]
    return content_version(
        [*files, SOURCES / 'vls_core' / 'vls_core', CHECKPOINT], {'repetitions': repetitions}
    )


def run(
    path: Path, repetitions: int = REPETITIONS, particles: Sequence[int] = PARTICLES
) -> list[CostCell]:
    """Measures what the file does not have yet from the same code; returns all cells."""
    made_by, done = version(repetitions), stored(path, repetitions)
    cases = all_cases(particles)
    missing = [case for case in cases if case not in done]
    torch.set_num_threads(1)
    for number, (name, count) in enumerate(missing, 1):
        with console(stderr=True).status(f'cost {number}/{len(missing)}: {name}, N = {count}'):
            done[name, count] = measure(name, count, repetitions)
        path.parent.mkdir(parents=True, exist_ok=True)
        cells = [asdict(cell) for cell in done.values()]
        content = {'version': made_by, 'cells': cells}
        path.write_text(json.dumps(content, indent=2) + '\n')
    return [done[case] for case in cases]


def all_cases(particles: Sequence[int] = PARTICLES) -> list[tuple[str, int]]:
    """Policy and number of particles of every cell."""
    return [(name, count) for name in POLICIES for count in particles]


def stored(path: Path, repetitions: int) -> dict[tuple[str, int], CostCell]:
    """What a file has from the same code, by policy and number of particles."""
    content = json.loads(path.read_text()) if path.exists() else {}
    if content.get('version') != version(repetitions):
        return {}
    cells = [_from_plain(cell) for cell in content['cells']]
    return {(cell.policy, cell.particles): cell for cell in cells}


def _from_plain(cell: dict[str, object]) -> CostCell:
    return CostCell(**{**cell, 'ratio': Estimate(**cell['ratio'])})  # type: ignore[arg-type]


def table(cells: list[CostCell]) -> Table:
    """Ratios and where the time of a steered chunk goes."""
    shown = Table(
        'policy', 'parameters', 'particles', 'plain (ms)', 'steered (ms)', 'ratio',
        *(f'{part} (ms)' for part in PARTS),
        title='Cost of a steered chunk over a plain one, 95 % bootstrap intervals of the medians',
    )
    previous = None
    for cell in cells:
        if previous not in (None, cell.policy):
            shown.add_section()
        previous = cell.policy
        shown.add_row(*texts(cell))
    return shown


def texts(cell: CostCell) -> list[str]:
    """What one row of the table says."""
    ratio = cell.ratio
    return [
        cell.policy, f'{cell.parameters / 1e6:.1f} M', f'{cell.particles}',
        f'{1e3 * cell.plain:.1f}', f'{1e3 * cell.steered:.1f}',
        f'{ratio.value:.2f} ({ratio.low:.2f} to {ratio.high:.2f})',
        *(f'{1e3 * cell.split[part]:.1f}' for part in PARTS),
    ]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--out', type=Path, default=Path('runs/cost.json'))
    parser.add_argument('--quick', action='store_true', help='fewer repetitions')
    arguments = parser.parse_args()
    effort = (QUICK_REPETITIONS, QUICK_PARTICLES) if arguments.quick else (REPETITIONS, PARTICLES)
    console().print(table(run(arguments.out, *effort)))


if __name__ == '__main__':
    main()
