"""Progress runs from 0 to 1 within one measure, and begins anew with the next."""

import pytest

from vls_core.steering.reward_progress import Measure, RewardProgress

STAGE, NEXT, WITHOUT_CODE = Measure(0), Measure(1), Measure(0, complete=False)


def test_progress_is_the_share_of_the_first_reward_that_is_made_up():
    progress = RewardProgress()
    assert progress.of(STAGE) == 0.0
    for reward, share in ((-2.0, 0.0), (-1.0, 0.5), (-3.0, 0.0), (0.0, 1.0)):
        progress.note(STAGE, reward)
        assert progress.of(STAGE) == pytest.approx(share)


@pytest.mark.parametrize('other', [NEXT, WITHOUT_CODE])
def test_rewards_of_another_measure_are_not_compared(other):
    progress = RewardProgress()
    progress.note(STAGE, -2.0)
    progress.note(STAGE, -0.1)
    assert progress.of(other) == 0.0
    progress.note(other, -50.0)
    assert progress.of(other) == 0.0
    assert progress.of(STAGE) == 0.0


def test_a_stage_looks_over_once_and_again_after_the_next_has_begun():
    progress = RewardProgress()
    assert [progress.note(STAGE, reward) for reward in (-1.0, -0.5, -0.1, -0.05)] == [
        False, False, True, False
    ]
    assert [progress.note(NEXT, reward) for reward in (-1.0, -0.1)] == [False, True]


def test_a_stage_that_begins_perfect_looks_over_at_once():
    progress = RewardProgress()
    assert progress.note(STAGE, 0.0) is True
    assert progress.of(STAGE) == 1.0
