"""Which tasks count, and that the reason is said of those that do not."""

import pytest

from benchmarks.libero_pro.learned import LearnedError, Record, add, key_of, records, why_not
from benchmarks.libero_pro.suites import tasks

STANDARD = tasks('libero_object')[0]
MOVED = tasks('libero_object', 'position')[0]
OTHER_GOAL = tasks('libero_object', 'task')[0]


@pytest.mark.parametrize(('succeeded', 'counts'), [(4, True), (3, False), (5, True), (0, False)])
def test_a_task_counts_that_the_expert_solves_four_times_of_five(succeeded, counts):
    record = Record(succeeded, 5)
    assert record.counts is counts
    assert bool(record.why_not) is not counts


def test_a_moved_scene_counts_like_the_standard_one_but_another_goal_has_to_be_tried():
    known = {key_of(STANDARD): Record(5, 5)}
    assert why_not(STANDARD, known) == why_not(MOVED, known) == ''
    assert 'not tried' in why_not(OTHER_GOAL, known)
    assert why_not(OTHER_GOAL, {**known, key_of(OTHER_GOAL): Record(5, 5)}) == ''


def test_what_cannot_be_run_says_why():
    empty = next(task for task in tasks('libero_object', 'displaced-y0.5')
                 if task.why_unrunnable())
    assert 'empty' in why_not(empty, {})


def test_records_are_added_to_those_that_are_there(tmp_path):
    file = tmp_path / 'expert.json'
    add({'a': Record(1, 5)}, file)
    add({'b': Record(0, 0, 'a drawer')}, file)
    assert records(file) == {'a': Record(1, 5), 'b': Record(0, 0, 'a drawer')}


def test_what_is_forgotten_is_no_longer_on_record(tmp_path):
    file = tmp_path / 'expert.json'
    add({'a': Record(0, 0, 'out of the scene'), 'b': Record(5, 5)}, file)
    add({'c': Record(4, 5)}, file, forgotten=['a', 'never there'])
    assert records(file) == {'b': Record(5, 5), 'c': Record(4, 5)}


def test_a_missing_record_says_how_to_make_it(tmp_path):
    with pytest.raises(LearnedError, match='make demos'):
        records(tmp_path / 'none.json')
