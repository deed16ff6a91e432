"""Whatever chunks come, whenever they come: every reference sent is one the arm can follow."""

from chunk_storms import arrivals, play
from hypothesis import HealthCheck, given, settings


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(arrivals)
def test_every_reference_keeps_all_limits_is_continuous_and_of_a_living_chunk(stream):
    play(stream)
