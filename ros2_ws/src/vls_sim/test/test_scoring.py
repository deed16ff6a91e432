"""The score is true when the cube rests released on its target, and false in every other way."""

import mujoco
import numpy as np
import pytest

from vls_sim.scene_catalogue import CUBE_SIZE, item_named
from vls_sim.scene_layout import lay_out
from vls_sim.scene_model import place_objects
from vls_sim.scoring import score_episode


@pytest.fixture
def scene(rig):
    """Model and state with the seed's layout; the arm is out of the way at home."""
    layout = rig.reset(3, 'none')
    return rig.model, rig.data, layout


def put(model, data, name, position, rotation=(1.0, 0.0, 0.0, 0.0)):
    address = model.joint(name).qposadr[0]
    data.qpos[address : address + 7] = [*position, *rotation]
    data.qvel[model.joint(name).dofadr[0] :][:6] = 0.0


def on(layout, name, offset=(0.0, 0.0), height=0.0):
    surface = item_named(name)
    low = layout.positions[name][2] - surface.extent[2] / 2
    z = low + surface.support_height + CUBE_SIZE / 2 + height
    return [*(layout.positions[name][:2] + offset), z]


def settle(rig, steps=4):
    for _ in range(steps):
        rig.step(np.array([0.40, 0.0, 0.30]), 1.0)


def test_the_untouched_scene_is_no_success(rig, scene):
    score = rig.score()
    assert not score.success and not score.placed
    assert score.released and not score.obstacle_upset


def test_a_cube_resting_on_the_plate_is_a_success(rig, scene):
    model, data, layout = scene
    put(model, data, layout.subject, on(layout, 'plate', (0.02, 0.01)))
    settle(rig)
    score = rig.score()
    assert score.success
    assert score.placement_error == pytest.approx(np.hypot(0.02, 0.01), abs=0.002)


def test_a_cube_in_the_tray_is_a_success_only_when_the_tray_was_asked_for(rig):
    layout = rig.reset(3, 'other_target')
    put(rig.model, rig.data, layout.subject, on(layout, 'tray'))
    settle(rig)
    assert rig.score().success
    assert not score_episode(rig.model, rig.data, lay_out(3, 'none')).placed


def test_a_cube_on_the_table_beside_the_plate_is_no_success(rig, scene):
    model, data, layout = scene
    beside = [*(layout.positions['plate'][:2] + [0.0, -0.11]), CUBE_SIZE / 2]
    put(model, data, layout.subject, beside)
    settle(rig)
    assert not rig.score().placed


def test_a_cube_above_the_plate_is_no_success(scene):
    model, data, layout = scene
    put(model, data, layout.subject, on(layout, 'plate', height=0.05))
    mujoco.mj_forward(model, data)
    assert not score_episode(model, data, layout).placed


def test_another_cube_on_the_plate_is_no_success(rig, scene):
    model, data, layout = scene
    other = 'green cube' if layout.subject != 'green cube' else 'red cube'
    put(model, data, other, on(layout, 'plate'))
    settle(rig)
    assert not rig.score().placed


def test_a_cube_on_top_of_another_on_the_plate_is_no_success(rig, scene):
    model, data, layout = scene
    other = 'green cube' if layout.subject != 'green cube' else 'red cube'
    put(model, data, other, on(layout, 'plate'))
    put(model, data, layout.subject, on(layout, 'plate', height=CUBE_SIZE))
    settle(rig)
    assert not rig.score().placed


def test_a_cube_touched_by_the_fingers_is_not_released(rig, scene):
    model, data, layout = scene
    put(model, data, layout.subject, [0.40, 0.0, 0.30])
    data.qpos[7:9] = CUBE_SIZE / 2 - 1e-4
    mujoco.mj_forward(model, data)
    assert not score_episode(model, data, layout).released


@pytest.mark.parametrize('moved, tilt, upset', [
    (0.0, 0.0, False), (0.02, 0.0, False), (0.04, 0.0, True), (0.0, 15.0, False), (0.0, 25.0, True)
])
def test_the_bottle_is_upset_from_3_cm_or_20_degrees_on(scene, moved, tilt, upset):
    model, data, layout = scene
    half = np.deg2rad(tilt) / 2
    position = layout.positions['bottle'] + [moved, 0.0, 0.0]
    put(model, data, 'bottle', position, (np.cos(half), np.sin(half), 0.0, 0.0))
    mujoco.mj_forward(model, data)
    assert score_episode(model, data, layout).obstacle_upset == upset


def test_a_success_needs_the_bottle_standing(rig, scene):
    model, data, layout = scene
    put(model, data, layout.subject, on(layout, 'plate'))
    put(model, data, 'bottle', layout.positions['bottle'] + [0.0, 0.05, 0.0])
    settle(rig)
    score = rig.score()
    assert score.placed and score.released and score.obstacle_upset and not score.success


def test_placing_objects_leaves_the_arm_alone(rig, scene):
    model, data, _ = scene
    before = data.qpos[:9].copy()
    place_objects(model, data, lay_out(9, 'moved_target'))
    np.testing.assert_array_equal(data.qpos[:9], before)
