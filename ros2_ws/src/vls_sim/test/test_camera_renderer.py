"""Pictures agree with the camera models: the true place of a cube shows its colour and depth."""

import colorsys
import os
from dataclasses import replace

import mujoco
import numpy as np
import pinocchio as pin
import pytest

from vls_core.grounding.camera import DEMO_FRONT_CAMERA, DEMO_WRIST_CAMERA
from vls_sim.camera_renderer import CameraRenderer, RendererUnavailableError
from vls_sim.scene_catalogue import CUBES, item_named
from vls_sim.scene_layout import lay_out
from vls_sim.scene_model import build_simulator, object_pose, place_objects


@pytest.fixture(scope='module')
def scene():
    """Model and state with cameras, arm at home, an unshifted layout."""
    simulator, _ = build_simulator()
    with simulator:
        simulator.start()
        place_objects(simulator.model, simulator.data, lay_out(4, 'none'))
        mujoco.mj_forward(simulator.model, simulator.data)
        yield simulator.model, simulator.data


@pytest.fixture(scope='module')
def renderer(scene):
    drawing = CameraRenderer(scene[0])
    yield drawing
    drawing.close()


def hue(colour):
    return colorsys.rgb_to_hsv(*(np.asarray(colour[:3], dtype=float)))[0]


def in_base(camera, data):
    """The camera's model with its pose in the base frame."""
    if camera is DEMO_FRONT_CAMERA:
        return camera
    hand = data.body('robot0_hand')
    rotation = hand.xmat.reshape(3, 3)
    origin = hand.xpos + 0.1034 * rotation[:, 2]
    quaternion = pin.Quaternion(rotation @ camera.rotation).coeffs()
    return replace(
        camera, position=origin + rotation @ camera.position, quaternion=quaternion
    )


@pytest.mark.parametrize('name', [item.name for item in CUBES])
def test_a_cube_appears_where_it_is_in_its_colour_and_depth(scene, renderer, name):
    model, data = scene
    image = renderer.render(data, DEMO_FRONT_CAMERA)
    top = object_pose(model, data, name)[0] + [0, 0, 0.02]
    pixels, depth = DEMO_FRONT_CAMERA.project(top)
    u, v = np.rint(pixels[0]).astype(int)
    difference = abs(hue(image.colour[v, u]) - hue(item_named(name).colour))
    assert min(difference, 1 - difference) < 0.03
    assert image.depth[v, u] / 1000 == pytest.approx(depth[0], abs=0.01)


def test_depth_of_the_table_fits_everywhere_it_is_seen(scene, renderer):
    _, data = scene
    image = renderer.render(data, DEMO_FRONT_CAMERA)
    points = np.array([[x, y, 0.0] for x in (0.65, 0.75) for y in (-0.35, -0.1, 0.1, 0.3)])
    pixels, depth = DEMO_FRONT_CAMERA.project(points)
    u, v = np.rint(pixels).astype(int).T
    np.testing.assert_allclose(image.depth[v, u] / 1000, depth, atol=0.003)


def test_the_wrist_camera_sees_the_table_below_at_its_true_distance(scene, renderer):
    _, data = scene
    camera = in_base(DEMO_WRIST_CAMERA, data)
    image = renderer.render(data, DEMO_WRIST_CAMERA)
    point = np.array([[0.33, 0.0, 0.0]])
    pixels, depth = camera.project(point)
    u, v = np.rint(pixels[0]).astype(int)
    assert 0 <= u < camera.width and 0 <= v < camera.height
    assert image.depth[v, u] / 1000 == pytest.approx(depth[0], abs=0.005)


def test_pictures_have_the_size_and_types_of_a_realsense(scene, renderer):
    image = renderer.render(scene[1], DEMO_WRIST_CAMERA)
    assert image.colour.shape == (240, 320, 3) and image.colour.dtype == np.uint8
    assert image.depth.shape == (240, 320) and image.depth.dtype == np.uint16


def test_depth_beyond_3_m_is_not_measured(scene, renderer):
    depth = renderer.render(scene[1], DEMO_FRONT_CAMERA).depth
    assert depth.max() <= 3000
    assert (depth[0] == 0).any()


def test_depth_noise_is_added_on_request(scene):
    noisy = CameraRenderer(scene[0], depth_noise=0.005)
    clean = CameraRenderer(scene[0])
    try:
        first = noisy.render(scene[1], DEMO_FRONT_CAMERA).depth.astype(float)
        second = clean.render(scene[1], DEMO_FRONT_CAMERA).depth.astype(float)
    finally:
        noisy.close()
        clean.close()
    near = (second > 0) & (second < 1200)
    assert 2.0 < (first - second)[near].std() < 8.0


def test_a_machine_without_graphics_is_told_what_to_install(scene, monkeypatch):
    monkeypatch.setattr('vls_sim.camera_renderer._BACKENDS', ('no_such_backend',))
    monkeypatch.delenv('MUJOCO_GL', raising=False)
    with pytest.raises(RendererUnavailableError, match='apt install'):
        CameraRenderer(scene[0])
    assert os.environ.pop('MUJOCO_GL', None) in (None, 'no_such_backend')
