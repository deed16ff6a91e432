"""The judges tell what was done from what merely looks like it."""

import numpy as np
import pytest

from benchmarks.offline_author.tasks import TASKS, Outcome
from vls_core.vlm.author import AuthorRequest
from vls_core.vlm.offline import OfflineAuthor
from vls_sim.rig import Rig
from vls_sim.scene_catalogue import CATALOGUE

BEFORE = {item.name: np.array([*item.nominal, item.resting_height]) for item in CATALOGUE}
BY_NAME = {task.name: task for task in TASKS}
PLATE = BEFORE['plate']


def done(name, place, released=True):
    """Whether the task counts as done with its subject at a place, from its own or the plate's."""
    task = BY_NAME[name]
    return task.done(Outcome(BEFORE, {**BEFORE, task.subject: np.array(place)}, released))


def moved(name, *by):
    return BEFORE[BY_NAME[name].subject] + by


@pytest.mark.parametrize('task', TASKS, ids=lambda task: task.name)
def test_nothing_is_done_by_leaving_things_where_they_are(task):
    for released in (True, False):
        assert not task.done(Outcome(BEFORE, BEFORE, released))


@pytest.mark.parametrize('task', TASKS, ids=lambda task: task.name)
def test_the_rules_understand_every_sentence_as_about_its_subject(task):
    rig = Rig()
    rig.reset(0, 'none')
    authored = OfflineAuthor().write(AuthorRequest(task.sentence, rig.scene(), None))
    assert authored.program.subject == task.subject


@pytest.mark.parametrize(('name', 'side'), [('right of', (0, -1)), ('in front of', (-1, 0))])
def test_beside_is_on_the_table_on_one_side_and_let_go_of(name, side):
    def at(away, across=0.0, height=0.02):
        x, y = np.array(side) * away + np.array(side)[::-1] * across + PLATE[:2]
        return (x, y, height)

    assert done(name, at(0.135)) and done(name, at(0.10, 0.07))
    assert not done(name, at(0.135), released=False)
    assert not done(name, at(0.135, height=0.032)), 'it stands on something'
    assert not done(name, at(0.08)), 'it overlaps the plate'
    assert not done(name, at(0.25)), 'too far away'
    assert not done(name, at(0.135, 0.09)), 'at another side'
    assert not done(name, at(-0.135)), 'on the opposite side'


def test_stacked_is_over_the_other_one_and_let_go_of():
    x, y, _ = BEFORE['blue cube']
    assert done('stack', (x, y + 0.015, 0.06))
    assert not done('stack', (x, y, 0.06), released=False)
    assert not done('stack', (x, y + 0.03, 0.06))
    assert not done('stack', (x, y, 0.10)), 'it hangs in the air'


def test_lifted_is_high_and_held():
    assert done('lift', moved('lift', 0.05, 0.0, 0.18), released=False)
    assert not done('lift', moved('lift', 0.0, 0.0, 0.18), released=True)
    assert not done('lift', moved('lift', 0.0, 0.0, 0.10), released=False)


@pytest.mark.parametrize(('name', 'way', 'distance'), [
    ('push forward', (1, 0), 0.08), ('pull back', (-1, 0), 0.05), ('push left', (0, 1), 0.08),
])
def test_a_push_ends_neither_short_nor_beyond_nor_aside(name, way, distance):
    along, aside = np.array(way), np.array(way)[::-1]

    def at(away, sideways=0.0, up=0.0):
        return moved(name, *(along * away + aside * sideways), up)

    assert done(name, at(distance)) and done(name, at(distance + 0.02, 0.02))
    assert not done(name, at(distance - 0.035)) and not done(name, at(distance + 0.035))
    assert not done(name, at(distance, 0.035)) and not done(name, at(distance, -0.035))
    assert not done(name, at(distance, up=0.1)), 'it was taken along in the air'


def test_pushed_to_the_plate_is_at_its_rim_and_not_on_it():
    assert done('push to', (*(PLATE[:2] - [0.0, 0.11]), 0.02))
    assert not done('push to', (*(PLATE[:2] - [0.0, 0.14]), 0.02))
    assert not done('push to', (*PLATE[:2], 0.032)), 'it lies on the plate'
