"""Every suite and perturbation has its files; what is not there is refused with what is."""

import re

import pytest

from benchmarks.libero_pro.suites import (
    DISPLACEMENTS,
    PERTURBATIONS,
    SUITES,
    UnknownTaskError,
    task,
    tasks,
)


@pytest.mark.parametrize('perturbation', PERTURBATIONS)
@pytest.mark.parametrize('suite', SUITES)
def test_every_cell_has_ten_tasks_with_their_files(suite, perturbation):
    found = tasks(suite, perturbation)
    assert len(found) == 10
    for item in found:
        assert item.problem_file.exists()
        assert len(item.initial_states()) >= 10


@pytest.mark.parametrize('displacement', DISPLACEMENTS)
def test_every_graded_displacement_has_ten_tasks(displacement):
    found = tasks('libero_object', displacement)
    assert len(found) == 10
    assert all(len(item.initial_states()) == 50 for item in found if not item.why_unrunnable())
    assert sum(not item.why_unrunnable() for item in found) >= 9


def test_a_task_without_initial_states_is_told_from_the_others():
    broken = [item for item in tasks('libero_object', 'displaced-y0.5') if item.why_unrunnable()]
    assert [item.why_unrunnable() for item in broken] == ['its file of initial states is empty']


@pytest.mark.parametrize(('suite', 'perturbation', 'said'), [
    ('libero_obejct', 'none', 'known are libero_object, libero_goal, libero_spatial'),
    ('libero_goal', 'swap', 'known are none, position, task, object, semantic'),
    ('libero_goal', 'displaced-x0.1', 'known are none, position'),
])
def test_what_is_unknown_is_refused_with_what_is_known(suite, perturbation, said):
    with pytest.raises(UnknownTaskError, match=re.escape(said)):
        tasks(suite, perturbation)


def test_an_unknown_task_is_refused_with_the_list():
    with pytest.raises(UnknownTaskError, match='put_the_bowl_on_the_plate'):
        task('libero_goal', 'none', 'put_the_bowl_on_the_moon')


def test_a_task_is_found_by_its_name():
    assert task('libero_goal', 'task', 'put_the_bowl_on_the_plate').folder == 'libero_goal_task'
