"""A goal is read from the problem, and what is no picking and placing is refused."""

from types import SimpleNamespace

import pytest

from benchmarks.libero_pro.goal import NotPickAndPlaceError, PickAndPlace, pick_and_place


def problem(*goal):
    return SimpleNamespace(task=SimpleNamespace(name='a_task'), goal=goal)


@pytest.mark.parametrize('word', ['in', 'on'])
def test_one_thing_at_one_place_is_understood(word):
    understood = pick_and_place(problem((word, 'bowl_1', 'plate_1')))
    assert understood == PickAndPlace('bowl_1', 'plate_1')


@pytest.mark.parametrize('goal', [
    [], [('open', 'drawer_1')], [('in', 'a', 'b'), ('in', 'c', 'b')],
    [('open', 'drawer_1'), ('in', 'a', 'drawer_1')],
])
def test_anything_else_is_refused_with_what_it_asks_for(goal):
    with pytest.raises(NotPickAndPlaceError, match='a_task asks for'):
        pick_and_place(problem(*goal))
