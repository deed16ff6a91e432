"""Every case is what its name says, and the same seed makes the same stream."""

import numpy as np
import pytest

from benchmarks.bridge.motions import STEP, inside_workspace
from benchmarks.bridge.streams import (
    CASES,
    EXECUTED,
    HORIZON,
    JUMP,
    JUMP_TIME,
    LOSS,
    case_named,
    make_stream,
)

PURE = [case for case in CASES if case.motion == 'sinusoids']
SEEDS = range(5)


def meant(stream, delivery):
    return stream.motion.sample(delivery.observation + STEP * np.arange(1, HORIZON + 1))


def gaps(stream):
    """Between the last step of what is known and the arrival of the next chunk [s]."""
    end, found = stream.deliveries[0].arrival, []
    for delivery in stream.deliveries:
        found.append(delivery.arrival - end)
        end = max(end, delivery.observation + HORIZON * STEP)
    return found


@pytest.mark.parametrize('case', PURE, ids=lambda case: case.name)
@pytest.mark.parametrize('seed', SEEDS)
def test_chunks_arrive_in_order_after_their_observation(case, seed):
    stream = make_stream(case, seed)
    arrivals = [delivery.arrival for delivery in stream.deliveries]
    assert arrivals == sorted(arrivals)
    assert all(delivery.arrival >= delivery.observation for delivery in stream.deliveries)
    assert stream.deliveries[0].sequence == 1
    assert all(delivery.targets.shape == (HORIZON, 7) for delivery in stream.deliveries)


@pytest.mark.parametrize('case', PURE, ids=lambda case: case.name)
@pytest.mark.parametrize('seed', SEEDS)
def test_there_is_always_a_step_to_follow_exactly_where_the_case_says_so(case, seed):
    assert (max(gaps(make_stream(case, seed))) <= 0.0) == case.complete


@pytest.mark.parametrize('case', PURE, ids=lambda case: case.name)
def test_the_seed_decides_the_stream(case):
    first, again, other = (make_stream(case, seed) for seed in (1, 1, 2))
    assert [each.arrival for each in first.deliveries] == [
        each.arrival for each in again.deliveries
    ]
    assert (first.deliveries[2].targets == again.deliveries[2].targets).all()
    assert (first.deliveries[2].targets != other.deliveries[2].targets).any()


def test_a_clean_stream_is_what_is_meant():
    stream = make_stream(case_named('clean'), 0)
    for delivery in stream.deliveries:
        np.testing.assert_array_equal(delivery.targets, meant(stream, delivery))
        assert delivery.arrival == delivery.observation == (
            (delivery.sequence - 1) * EXECUTED * STEP
        )


def test_noise_has_the_size_it_is_said_to_have():
    errors = [
        delivery.targets - meant(stream, delivery)
        for seed in range(40) for stream in [make_stream(case_named('noise'), seed)]
        for delivery in stream.deliveries
    ]
    biases = np.array([error.mean(axis=0) for error in errors])
    steps = np.array([error - error.mean(axis=0) for error in errors])
    assert biases.std() == pytest.approx(0.004, rel=0.1)
    assert steps.std() == pytest.approx(0.002, rel=0.1)


@pytest.mark.parametrize(('name', 'longest'), [('delay_100', 0.1), ('delay_300', 0.3)])
def test_delays_fill_their_range(name, longest):
    delays = [
        delivery.arrival - delivery.observation
        for seed in range(20) for delivery in make_stream(case_named(name), seed).deliveries
    ]
    assert 0.9 * longest < max(delays) <= longest
    assert min(delays) < 0.1 * longest


@pytest.mark.parametrize('seed', SEEDS)
def test_drops_duplicates_and_swaps_happen_in_every_stream(seed):
    def numbers(name):
        return [each.sequence for each in make_stream(case_named(name), seed).deliveries]

    assert len(numbers('drops')) == 6
    doubled = numbers('duplicates')
    assert len(doubled) == 12
    assert len(set(doubled)) == 8
    swapped = numbers('reordered')
    assert sorted(swapped) == list(range(1, 17))
    assert swapped != sorted(swapped)


@pytest.mark.parametrize('seed', SEEDS)
def test_one_chunk_jumps_and_stays_in_the_workspace(seed):
    stream = make_stream(case_named('jump'), seed)
    off = {
        delivery.sequence: np.abs(delivery.targets - meant(stream, delivery)).max()
        for delivery in stream.deliveries
    }
    (jumping,) = (number for number, distance in off.items() if distance > JUMP / 2)
    (delivery,) = (each for each in stream.deliveries if each.sequence == jumping)
    assert delivery.arrival == pytest.approx(JUMP_TIME, abs=0.01)
    assert inside_workspace(delivery.targets, -0.02)


@pytest.mark.parametrize('seed', SEEDS)
def test_nothing_arrives_in_the_gap(seed):
    stream = make_stream(case_named('loss'), seed)
    assert not [each for each in stream.deliveries if LOSS[0] <= each.arrival < LOSS[1]]


def test_a_case_is_faulty_or_calm():
    calm = [case.name for case in CASES if not case.faulty]
    assert calm == ['clean', 'noise', 'delay_100', 'demonstration']
