"""Outcomes stay in order, and a check that cannot be made has failed."""

from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.verification.checklist import Checklist
from vls_core.rewards.verification.outcome import failed, passed, warning
from vls_core.rewards.verification.report import Check, Verdict


def broken():
    raise RewardCodeError('division by a name')


def test_outcomes_are_kept_in_the_order_of_the_checks():
    checklist = Checklist()
    first, second = passed(Check.SHAPE, 'a'), warning(Check.RANGE, 'b')
    assert checklist.passes(Check.SHAPE, lambda: first)
    checklist.add(None, second)
    assert checklist.outcomes == [first, second]
    assert not checklist.failed_any()


def test_what_cannot_be_evaluated_fails_the_check_with_the_reason():
    checklist = Checklist()
    assert not checklist.passes(Check.GOAL, broken)
    (outcome,) = checklist.outcomes
    assert (outcome.check, outcome.verdict) == (Check.GOAL, Verdict.FAILED)
    assert 'division by a name' in outcome.text


def test_failures_are_looked_for_among_the_named_checks_alone():
    checklist = Checklist()
    checklist.add(failed(Check.RANGE, 'positive'))
    assert checklist.failed_any() and checklist.failed_any({Check.RANGE, Check.SHAPE})
    assert not checklist.failed_any({Check.SHAPE})
