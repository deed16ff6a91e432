"""Every level has the whole story of what happened below it."""

from vls_core.vlm.steps import Steps


def test_steps_are_told_at_once_and_kept_in_order():
    told = []
    steps = Steps(told.append)
    steps.record('one')
    assert told == ['one']
    steps.record('two')
    assert steps.all == ('one', 'two') == tuple(told)


def test_nested_steps_reach_every_level():
    told = []
    outer = Steps(told.append)
    outer.record('before')
    inner = Steps(outer.record)
    inner.record('within')
    assert inner.all == ('within',)
    assert outer.all == ('before', 'within') == tuple(told)
