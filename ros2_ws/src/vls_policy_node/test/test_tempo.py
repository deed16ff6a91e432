"""However long planning takes: few steps pass meanwhile, and the tempo never leaps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vls_core.types import InvalidValueError
from vls_policy_node.tempo import SLOWEST, Tempo

NATURAL = 1 / 15
latencies = st.floats(0.0, 10.0)


def test_where_planning_is_quick_the_tempo_is_that_of_the_demonstrations():
    tempo = Tempo(NATURAL)
    for _ in range(20):
        tempo.planned(True, 0.1)
    assert tempo.step_duration(True) == NATURAL


def test_where_planning_is_slow_as_many_steps_pass_as_are_allowed():
    tempo = Tempo(NATURAL, steps=5)
    for _ in range(20):
        tempo.planned(True, 0.6)
    assert 0.6 / tempo.step_duration(True) == pytest.approx(5.0)


def test_it_recovers_once_planning_is_quick_again():
    tempo = Tempo(NATURAL, fastest=0.8)
    for latency in [2.0] * 20 + [0.1] * 20:
        tempo.planned(True, latency)
    assert tempo.share(True) == 0.8


@given(st.lists(st.tuples(st.booleans(), latencies), max_size=60), st.floats(0.1, 1.0))
def test_it_stays_in_bounds_and_changes_little_at_a_time(chunks, fastest):
    tempo = Tempo(NATURAL, fastest)
    for steered, latency in chunks:
        before = {kind: tempo.share(kind) for kind in (True, False)}
        tempo.planned(steered, latency)
        assert min(SLOWEST, fastest) <= tempo.share(steered) <= fastest
        assert tempo.share(steered) == pytest.approx(before[steered], rel=0.1001)
        assert tempo.share(not steered) == before[not steered]


@pytest.mark.parametrize('values', [(0.0, 1.0, 5.0), (NATURAL, 0.0, 5.0), (NATURAL, 1.1, 5.0),
                                    (NATURAL, 1.0, 0.0), (float('nan'), 1.0, 5.0)])
def test_values_that_make_no_sense_are_refused(values):
    with pytest.raises(InvalidValueError):
        Tempo(*values)
