"""A task does not count whose basket the package has put, or thrown, out of the scene."""

import numpy as np
import pytest

from benchmarks.libero_pro import in_scene
from benchmarks.libero_pro.in_scene import SCENE, look, main, why_out_of_scene
from benchmarks.libero_pro.learned import Record, key_of, records, why_not
from benchmarks.libero_pro.suites import task

BBQ_SAUCE = 'pick_up_the_bbq_sauce_and_place_it_in_the_basket'
INSIDE, OUTSIDE = [0.5, 0.6], [0.5, 10.3]


@pytest.mark.parametrize(('outside', 'counts'), [(0, True), (2, True), (3, False), (10, False)])
def test_a_task_counts_that_four_of_five_initial_states_leave_in_the_scene(outside, counts):
    distances = np.array([OUTSIDE] * outside + [INSIDE] * (10 - outside))
    assert (why_out_of_scene(distances, 'milk_1', 'basket_1') == '') is counts


def test_the_reason_names_what_is_out_and_how_far():
    reason = why_out_of_scene(np.array([OUTSIDE, OUTSIDE]), 'milk_1', 'basket_1')
    assert reason == 'basket_1 begins up to 10.3 m from the arm, in 2 of 2 initial states'
    both = why_out_of_scene(np.array([[SCENE + 1, 0.6], [0.5, 9.0]]), 'milk_1', 'basket_1')
    assert both == ('milk_1 begins up to 2.2 m from the arm, in 1 of 2 initial states, and '
                    'basket_1 begins up to 9.0 m from the arm, in 1 of 2 initial states')


def test_what_is_found_is_kept_and_what_is_no_longer_found_is_forgotten(monkeypatch):
    kept = {}
    monkeypatch.setattr(in_scene, 'run_jobs', lambda look, jobs, processes, title, keep: [
        keep((job, 'thrown away' if job.name == BBQ_SAUCE else '')) for job in jobs
    ])
    monkeypatch.setattr(in_scene, 'add', lambda out, forgotten: kept.update(
        out=dict(out), forgotten=list(forgotten)))
    assert main(['--perturbations', 'displaced-x0.1']) == 0
    assert kept['out'] == {f'libero_object/displaced-x0.1/{BBQ_SAUCE}':
                           Record(0, 0, 'thrown away')}
    assert len(kept['forgotten']) == 9 and not kept['out'].keys() & set(kept['forgotten'])


def test_a_basket_out_of_the_scene_is_found_and_on_record():
    moved_away = task('libero_object', 'displaced-y0.5', BBQ_SAUCE)
    found, reason = look(moved_away)
    assert found == moved_away
    assert '10.3 m from the arm, in 25 of 25' in reason
    assert records()[key_of(moved_away)].reason == reason == why_not(moved_away, records())
