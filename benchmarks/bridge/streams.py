"""Streams of action chunks: what is sent, and when it arrives."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.bridge.motions import (
    DURATION,
    STEP,
    Motion,
    demonstration,
    inside_workspace,
    sinusoids,
)
from vls_core.types import JOINT_COUNT

HORIZON = 16
"""Steps of a chunk."""

EXECUTED = 8
"""Of them, those that are due before the next chunk's first one."""

STEP_NOISE, CHUNK_BIAS = 0.002, 0.004
"""Standard deviations: of every step, and of a whole chunk [rad]."""

JUMP = 0.25
"""By which the targets of one chunk are off in the case of that name [rad]."""

JUMP_TIME, LOSS = 1.6, (1.5, 2.5)
"""When the jump begins, and between when nothing arrives [s]."""

_DUPLICATE_DELAYS = (0.02, 0.1)
_OVERTAKEN = 0.02  # s after its successor, when two are swapped
_ATTEMPTS = 100


class NoStreamError(RuntimeError):
    """A perturbation could not be made from a seed."""


@dataclass(frozen=True)
class Case:
    """One kind of stream.

    Attributes:
        name: of the case.
        noisy: steps and chunks are off by noise.
        delay: longest time from an observation to its chunk's arrival, uniform from 0 [s].
        lost: share of chunks that never arrive.
        doubled: share of chunks that arrive twice.
        swapped: share of chunks that arrive after their successor.
        jump: one chunk is off by JUMP.
        gap: nothing arrives for a while.
        executed: steps between two observations.
        motion: of which the chunks are parts, `sinusoids` or `demonstration`.
    """

    name: str
    noisy: bool = True
    delay: float = 0.0
    lost: float = 0.0
    doubled: float = 0.0
    swapped: float = 0.0
    jump: bool = False
    gap: bool = False
    executed: int = EXECUTED
    motion: str = 'sinusoids'

    @property
    def faulty(self) -> bool:
        """Whether more goes wrong than noise and a latency of up to 100 ms."""
        disturbed = self.lost or self.doubled or self.swapped or self.jump or self.gap
        return bool(disturbed) or self.delay > 0.1

    @property
    def complete(self) -> bool:
        """Whether there is always a step to follow: no chunk is lost, or later than its slack."""
        return not (self.lost or self.gap)


CASES = (
    Case('clean', noisy=False),
    Case('noise'),
    Case('delay_100', delay=0.1),
    Case('demonstration', delay=0.1, motion='demonstration'),
    Case('delay_300', delay=0.3),
    Case('duplicates', delay=0.1, doubled=0.5),
    Case('reordered', executed=4, swapped=0.4),
    Case('drops', delay=0.1, lost=0.25),
    Case('jump', jump=True),
    Case('loss', gap=True),
)
"""All cases; those with faults come last."""


@dataclass(frozen=True)
class Delivery:
    """One chunk on its way; times are since the stream began.

    Attributes:
        arrival: when it arrives [s].
        observation: when its observation was taken [s].
        sequence: number of the chunk, from 1 on.
        targets: (16, 7) joint positions; step i is due at observation + (i + 1) * STEP [rad].
    """

    arrival: float
    observation: float
    sequence: int
    targets: np.ndarray


@dataclass(frozen=True)
class Stream:
    """What arrives, in order, and what was meant."""

    deliveries: tuple[Delivery, ...]
    motion: Motion


def case_named(name: str) -> Case:
    """Raises KeyError."""
    return {case.name: case for case in CASES}[name]


def make_stream(case: Case, seed: int) -> Stream:
    """The stream of a case and a seed. Raises NoMotionError or NoStreamError."""
    generator = np.random.default_rng([seed, 1])
    motion = demonstration(seed) if case.motion == 'demonstration' else sinusoids(seed)
    chunks = _chunks(case, motion, generator)
    return Stream(tuple(_on_their_way(case, chunks, generator)), motion)


def _chunks(case: Case, motion: Motion, generator: np.random.Generator) -> list[Delivery]:
    offset = _jump(motion, generator) if case.jump else np.zeros(JOINT_COUNT)
    period = case.executed * STEP
    chunks = []
    for number in range(round(DURATION / period)):
        observation = number * period
        targets = motion.sample(observation + STEP * np.arange(1, HORIZON + 1))
        if case.noisy:
            targets = targets + generator.normal(0.0, CHUNK_BIAS, JOINT_COUNT)
            targets = targets + generator.normal(0.0, STEP_NOISE, targets.shape)
        if observation <= JUMP_TIME < observation + period:
            targets = targets + offset
        arrival = observation + generator.uniform(0.0, 1.0) * case.delay
        chunks.append(Delivery(arrival, observation, number + 1, targets))
    return chunks


def _jump(motion: Motion, generator: np.random.Generator) -> np.ndarray:
    # Inside the workspace: a chunk that leaves it would be refused, and nothing would jump.
    near = motion.sample(JUMP_TIME + STEP * np.arange(-EXECUTED, 2 * HORIZON))
    for _ in range(_ATTEMPTS):
        offset = JUMP * generator.choice([-1.0, 1.0], JOINT_COUNT)
        if inside_workspace(near + offset):
            return offset
    raise NoStreamError('every jump leaves the workspace')


def _on_their_way(
    case: Case, chunks: list[Delivery], generator: np.random.Generator
) -> list[Delivery]:
    lost, doubled, swapped = (
        _some(share, len(chunks), generator) for share in (case.lost, case.doubled, case.swapped)
    )
    arriving = []
    for number, chunk in enumerate(chunks):
        if number in lost or (case.gap and LOSS[0] <= chunk.arrival < LOSS[1]):
            continue
        if number in swapped and number + 1 < len(chunks):
            chunk = replace(chunk, arrival=chunks[number + 1].arrival + _OVERTAKEN)
        arriving.append(chunk)
        if number in doubled:
            again = chunk.arrival + generator.uniform(*_DUPLICATE_DELAYS)
            arriving.append(replace(chunk, arrival=again))
    return sorted(arriving, key=lambda chunk: chunk.arrival)


def _some(share: float, total: int, generator: np.random.Generator) -> set[int]:
    # Never the first one: without it the stream would only begin later.
    return set(generator.choice(np.arange(1, total), round(share * total), replace=False).tolist())
