"""Recording goes on where it was, and says what is good enough to be learned from."""

import numpy as np
import pytest

from benchmarks.libero_pro.demonstration import Demonstration, DemonstrationError
from benchmarks.libero_pro.demonstrations import TRAINING_STATES, Job, main, record
from benchmarks.libero_pro.learned import Record
from benchmarks.libero_pro.suites import Task

TASK = Task('libero_object', 'none', 'pick_up_the_milk_and_place_it_in_the_basket')


def made(succeeded=True):
    return Demonstration(
        'pick the milk', 0, succeeded, np.array(['milk_1']), np.zeros((2, 8)), np.zeros((2, 1, 3)),
        np.zeros((2, 7)),
    )


@pytest.fixture
def job(tmp_path):
    return Job(TASK, 2, tmp_path)


def test_what_is_there_is_not_recorded_again(job):
    assert len(job.missing()) == 2 * len(TRAINING_STATES)
    made().save(job.file(TRAINING_STATES[0], 0))
    assert (TRAINING_STATES[0], 0) not in job.missing()
    assert len(job.missing()) == 2 * len(TRAINING_STATES) - 1


def test_states_for_evaluation_are_never_learned_from(job):
    assert all(state % 2 for state, _ in job.missing())


def test_a_complete_task_is_counted_without_a_simulator(job):
    for number, (state, seed) in enumerate(job.missing()):
        made(number % 10 > 0).save(job.file(state, seed))
    job.seen.touch()
    assert record(job) == (TASK, Record(45, 50))


def test_demonstrations_are_of_the_standard_suites_alone(capsys):
    with pytest.raises(SystemExit):
        main(['--perturbation', 'task'])
    assert '--undisturbed' in capsys.readouterr().err


def test_a_file_that_was_cut_short_is_an_error_that_names_it(tmp_path):
    file = tmp_path / 'one.npz'
    made().save(file)
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(DemonstrationError, match=r'one\.npz'):
        Demonstration.load(file)


def test_an_unknown_suite_ends_with_the_known_ones(capsys):
    with pytest.raises(SystemExit) as ended:
        main(['--suites', 'libero_objekt'])
    assert ended.value.code == 2
    assert 'libero_object, libero_goal, libero_spatial' in capsys.readouterr().err
