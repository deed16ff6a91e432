"""Tokens add up, and a cost is shown only when everything it needs is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vls_core.vlm.usage import Prices, Usage, UsageMeter

tokens = st.integers(0, 10**9)
usages = st.builds(Usage, tokens, tokens, tokens, st.integers(0, 3))


@given(st.lists(usages, max_size=5))
def test_the_total_is_the_sum_of_the_questions(calls):
    meter = UsageMeter()
    for call in calls:
        meter.add(call)
    assert meter.total.prompt_tokens == sum(call.prompt_tokens for call in calls)
    assert meter.total.uncounted == sum(call.uncounted for call in calls)
    assert meter.total.questions == sum(call.questions for call in calls)


def test_the_cost_is_that_of_both_kinds_of_tokens():
    assert Usage(1, 2_000_000, 500_000).cost(Prices(3.0, 10.0)) == pytest.approx(11.0)


@pytest.mark.parametrize(('usage', 'prices'), [
    (Usage(1, 10, 10), Prices()), (Usage(1, 10, 10), Prices(prompt=3.0)),
    (Usage(1, 10, 10), Prices(completion=3.0)), (Usage(2, 10, 10, uncounted=1), Prices(1.0, 1.0)),
])
def test_an_unknown_price_or_count_gives_no_cost(usage, prices):
    assert usage.cost(prices) is None


def test_the_text_leaves_out_what_is_unknown():
    assert Usage(1, 10, 5).text() == '1 question, 10 + 5 tokens'
    assert Usage(2, 10, 5).text(Prices(1e6, 1e6)) == '2 questions, 10 + 5 tokens, 15.0000'
    assert Usage(2, uncounted=2).text(Prices(1.0, 1.0)) == '2 questions, tokens not reported for 2'
    assert Usage(2, 10, 5, 1).text() == '2 questions, tokens not reported for 1, 10 + 5 tokens'


def test_a_meter_does_not_grow_with_the_questions():
    meter = UsageMeter()
    for _ in range(100):
        meter.add(Usage(1, 2, 3))
    assert vars(meter) == {'total': Usage(100, 200, 300)}
