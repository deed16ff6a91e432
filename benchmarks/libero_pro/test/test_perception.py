"""What is seen is where it is; what is half hidden stays; what is held moves with the hand."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.libero_pro.camera import SceneCamera
from benchmarks.libero_pro.perception import DEVIATION, Perception, moved_to
from benchmarks.libero_pro.solids import solid
from vls_core.rewards.keypoints import finger_direction, grasp_point
from vls_core.types import Grip, Keypoint, ObjectKind, SceneObject

AWAY = np.array([0.3, 0.0, 0.5])


@pytest.fixture(scope='module')
def picture(simulation):
    simulation.begin(0)
    camera = SceneCamera(simulation)
    yield camera.look(0.0)
    camera.close()


def box_of(simulation, thing):
    shape = solid(simulation, thing)
    return (shape.low + shape.high) / 2 - simulation.base, shape.high - shape.low


def test_everything_is_seen_within_a_few_deviations_of_where_it_is(simulation, picture):
    perception = Perception()
    scene = perception.scene(0.0, picture, AWAY, Grip.OPEN)
    assert set(perception.words) == set(simulation.obstacles)
    for thing, words in perception.words.items():
        center, extent = box_of(simulation, thing)
        assert scene[words].center == pytest.approx(center, abs=4 * DEVIATION)
        assert scene[words].extent == pytest.approx(extent, abs=8 * DEVIATION)


def test_a_thing_of_which_little_is_seen_now_stays_where_it_was(picture):
    perception = Perception()
    before = perception.scene(0.0, picture, AWAY, Grip.OPEN)
    labels = picture.labels.copy()
    soup = picture.names.index('alphabet_soup_1')
    rows = np.flatnonzero((labels == soup).any(1))
    labels[rows[len(rows) // 2]:] = -1
    after = perception.scene(1.0, replace(picture, labels=labels), AWAY, Grip.OPEN)
    assert after['alphabet soup'] == before['alphabet soup']


@pytest.mark.parametrize(('meanwhile', 'then'), [
    (Grip.HOLDING, Grip.OPEN), (Grip.CLOSING, Grip.EMPTY),
], ids=['let go', 'fingers that give way a little, and lose it'])
def test_what_is_held_moves_with_the_hand_until_it_is_not(picture, meanwhile, then):
    perception = Perception()
    scene = perception.scene(0.0, picture, AWAY, Grip.OPEN)
    hand = scene['milk'].center + [0.0, 0.01, 0.02]
    perception.scene(0.1, None, hand, Grip.HOLDING)
    carried = perception.scene(0.2, None, hand + [0.1, 0.0, 0.2], meanwhile)
    assert carried['milk'].center == pytest.approx(scene['milk'].center + [0.1, 0.0, 0.2])
    put_down = perception.scene(0.3, picture, AWAY, then)
    assert put_down['milk'].center == pytest.approx(scene['milk'].center)


def test_the_unseen_back_of_what_stands_upright_is_part_of_it(simulation, picture):
    scene = Perception().scene(0.0, picture, AWAY, Grip.OPEN)
    center, extent = box_of(simulation, 'milk_1')
    assert scene['milk'].center[:2] == pytest.approx(center[:2], abs=0.01)
    assert scene['milk'].extent[0] == pytest.approx(extent[0], abs=0.015)


def test_a_flat_thing_on_the_table_is_taken_within_its_height(simulation, picture):
    perception = Perception()
    perception.scene(0.0, picture, AWAY, Grip.OPEN)
    perception.is_about('butter', 'basket')
    scene = perception.scene(0.1, picture, AWAY, Grip.OPEN)
    center, extent = box_of(simulation, 'butter_1')
    assert center[2] < grasp_point(scene['butter'])[2] < center[2] + extent[2] / 2


def test_a_hand_that_is_on_its_way_when_the_fingers_have_closed_holds_what_they_closed_on(picture):
    perception = Perception()
    scene = perception.scene(0.0, picture, AWAY, Grip.OPEN)
    hand, lift = scene['milk'].center, np.array([0.0, 0.0, 0.1])
    perception.scene(0.1, None, hand, Grip.CLOSING)
    lifted = perception.scene(0.2, None, hand + lift, Grip.HOLDING)
    assert lifted['milk'].center == pytest.approx(scene['milk'].center + lift)


def test_a_hand_that_closes_far_from_everything_holds_nothing(picture):
    perception = Perception()
    before = perception.scene(0.0, picture, AWAY, Grip.OPEN)
    assert perception.scene(0.1, None, AWAY, Grip.HOLDING).objects == before.objects


def test_only_the_subject_gets_a_grasp_and_it_is_within_reach_of_its_box(picture):
    perception = Perception()
    perception.is_about('alphabet soup', 'basket')
    scene = perception.scene(0.0, picture, AWAY, Grip.OPEN)
    soup = scene['alphabet soup']
    assert (np.abs(grasp_point(soup) - soup.center) <= soup.extent / 2 + 0.01).all()
    assert finger_direction(soup) is not None
    assert all(finger_direction(item) is None
               for item in scene.objects if item.name != 'alphabet soup')


def test_keypoints_move_with_their_object():
    point = Keypoint('grasp', np.array([0.1, 0.0, 0.0]), np.zeros((3, 3)))
    item = SceneObject('cup', ObjectKind.GRASPABLE, np.zeros(3), np.ones(3), (point,))
    moved = moved_to(item, np.array([0.0, 0.0, 1.0]))
    assert moved.keypoints[0].position.tolist() == [0.1, 0.0, 1.0]
