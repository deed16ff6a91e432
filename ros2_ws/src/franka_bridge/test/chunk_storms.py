"""Chunk streams as no policy should send them, and what every reference must satisfy regardless.

The checks are written against the robot's data sheet and not against the limiter's own code. Run
as a program, it plays many streams and counts: python chunk_storms.py --streams 100000
"""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from loop_bench import PERIOD, Bench

from vls_core.control import fr3
from vls_core.control.chunk_rules import RefusedChunkError
from vls_core.control.kinematics import Fr3Kinematics
from vls_core.control.watchdog import BridgeState, TransitionError
from vls_core.types import ActionChunk, InvalidValueError, TargetKind

SHARE = 0.3
DEAD_MAN = 0.15
TORQUE_RATE = 1000.0
INERTIA = np.array([4.1, 4.1, 1.8, 1.4, 0.15, 0.14, 0.08])
JERKS = np.minimum(SHARE * 5000.0, SHARE * TORQUE_RATE / INERTIA)
CREEP = 0.02  # rad/s; next to a joint stop the data sheet allows nothing, not even to brake
_kinematics = Fr3Kinematics()
_HOME_POSE = np.concatenate(_kinematics.forward(fr3.HOME_JOINT_POSITIONS))


@dataclass(frozen=True)
class Arrival:
    """One chunk: when it comes, how old, how long, how wild, and what is wrong with it."""

    wait: int
    age: float
    horizon: int
    step: float
    kind: TargetKind
    wildness: float
    repeat: int
    seed: int


arrivals = st.lists(
    st.builds(
        Arrival,
        wait=st.integers(1, 14),
        age=st.floats(-0.03, 0.12),
        horizon=st.integers(1, 16),
        step=st.floats(0.005, 0.2),
        kind=st.sampled_from(list(TargetKind)),
        wildness=st.sampled_from([0.002, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 3.0]),
        repeat=st.sampled_from([1, 1, 1, 1, 2, 0, -1]),
        seed=st.integers(0, 2**31),
    ),
    min_size=1,
    max_size=4,
)


def make_chunk(arrival: Arrival, now: float, sequence: int) -> ActionChunk:
    """Raises InvalidValueError."""
    generator = np.random.default_rng(arrival.seed)
    shape = (arrival.horizon, 7)
    wander = arrival.wildness * generator.uniform(-1.0, 1.0, shape).cumsum(axis=0)
    if arrival.kind is TargetKind.JOINT_POSITION:
        targets = fr3.HOME_JOINT_POSITIONS + wander
    else:
        delta = arrival.kind is TargetKind.CARTESIAN_DELTA
        base = np.array([0, 0, 0, 0, 0, 0, 1.0]) if delta else _HOME_POSE
        moves = wander if not delta else np.diff(wander, axis=0, prepend=0.0)
        targets = base + 0.3 * moves
        targets[:, 3:] /= np.linalg.norm(targets[:, 3:], axis=1, keepdims=True)
    return ActionChunk(now - arrival.age, arrival.step, sequence, targets,
                       generator.uniform(0.0, 1.0, arrival.horizon), arrival.kind)


@dataclass
class Count:
    """What came of the streams."""

    streams: int = 0
    references: int = 0
    accepted: int = 0
    refused: int = 0
    starvations: int = 0
    faults: int = 0


def play(stream, count=None):
    """Plays a stream and checks every reference that was sent. Raises AssertionError."""
    bench = Bench(dead_man_time=DEAD_MAN)
    bench.loop.arm()
    _run(bench, 14)
    sequence = 0
    for arrival in stream:
        _run(bench, arrival.wait)
        sequence = max(sequence + arrival.repeat, 0)
        try:
            bench.loop.accept(make_chunk(arrival, bench.now, sequence))
        except (RefusedChunkError, InvalidValueError, TransitionError):
            continue
    _run(bench, 30)
    assert_all_allowed(bench.arm.sent)
    if count is not None:
        status = bench.loop.status
        count.streams += 1
        count.references += len(bench.arm.sent)
        count.accepted += status.accepted_chunks
        count.refused += status.refused_chunks
        count.starvations += status.starvations
        count.faults += status.state is BridgeState.FAULT


def _run(bench, cycles):
    for _ in range(cycles):
        before = len(bench.arm.sent)
        bench.run(PERIOD)
        watched = bench.loop._cycle.watchdog.state
        if watched is BridgeState.TRACKING and len(bench.arm.sent) > before:
            end = bench.loop._cycle.tracking.chunks.end_time
            assert bench.now <= end + DEAD_MAN + 1e-9, 'a chunk was followed beyond its life'


def assert_all_allowed(sent):
    """Raises AssertionError unless all references (in order) keep the shares of all limits."""
    q = np.array([item.position for item in sent])
    v = np.array([item.velocity for item in sent])
    a = np.array([item.acceleration for item in sent])
    assert np.isfinite(np.hstack([q, v, a])).all()
    assert (q >= fr3.JOINT_LOWER_LIMITS + 0.02).all()
    assert (q <= fr3.JOINT_UPPER_LIMITS - 0.02).all()
    assert (np.abs(v) <= SHARE * fr3.MAXIMUM_JOINT_VELOCITIES + 1e-6).all()
    for position, velocity in zip(q, v, strict=True):
        lower, upper = fr3.velocity_limits(position)
        assert (velocity <= np.maximum(upper, CREEP)).all()
        assert (velocity >= np.minimum(lower, -CREEP)).all()
    assert (np.abs(a) <= SHARE * fr3.MAXIMUM_JOINT_ACCELERATIONS + 1e-6).all()
    assert (np.abs(np.diff(a, axis=0)) <= JERKS * PERIOD + 1e-6).all()
    # Continuous: what is said of velocity and acceleration is what position does.
    trapezoid = PERIOD * (v[1:] + v[:-1]) / 2
    assert (np.abs(np.diff(q, axis=0) - trapezoid) <= JERKS * PERIOD**3 + 1e-9).all()
    assert (np.abs(np.diff(v, axis=0)) <= SHARE * 10.0 * PERIOD + 1e-6).all()
