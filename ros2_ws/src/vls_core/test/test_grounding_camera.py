"""Cameras: projection and its inverse, and that they agree with what MuJoCo renders."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from vls_core.grounding.camera import (
    DEMO_FRONT_CAMERA,
    DEMO_WRIST_CAMERA,
    CameraModel,
    from_field_of_view,
    looking_at,
)
from vls_core.types import InvalidValueError

pixels = arrays.arrays(float, (5, 2), elements=st.floats(0, 479))
depths = arrays.arrays(float, (5,), elements=st.floats(0.1, 3.0))


@pytest.mark.parametrize('camera', [DEMO_FRONT_CAMERA, DEMO_WRIST_CAMERA])
@settings(max_examples=40)
@given(pixels=pixels, depths=depths)
def test_projecting_undoes_deprojecting(camera, pixels, depths):
    found, depth = camera.project(camera.deproject(pixels, depths))
    np.testing.assert_allclose(found, pixels, atol=1e-8)
    np.testing.assert_allclose(depth, depths, atol=1e-12)


def test_the_target_is_in_the_middle_and_up_is_up():
    points = [[0.45, 0.0, 0.05], [0.45, 0.0, 0.15], [0.45, 0.1, 0.05]]
    found, depth = DEMO_FRONT_CAMERA.project(points)
    np.testing.assert_allclose(found[0], (319.5, 239.5), atol=1e-9)
    assert depth[0] == pytest.approx(np.hypot(0.7, 0.7))
    assert found[1, 1] < found[0, 1]
    assert found[2, 0] > found[0, 0]  # it faces the robot, whose left is then right in the picture


def test_a_point_behind_has_negative_depth():
    assert DEMO_FRONT_CAMERA.project([[2.0, 0.0, 1.6]])[1][0] < 0


@settings(max_examples=40)
@given(arrays.arrays(float, (3,), elements=st.floats(-1, 1)))
def test_rotation_is_proper(target):
    position = np.array([2.0, 0.3, 0.1])
    camera = from_field_of_view('c', (4, 4), 1.0, position, looking_at(position, target))
    np.testing.assert_allclose(camera.rotation.T @ camera.rotation, np.eye(3), atol=1e-9)
    assert np.linalg.det(camera.rotation) == pytest.approx(1.0)
    forward = (target - position) / np.linalg.norm(target - position)
    np.testing.assert_allclose(camera.rotation[:, 2], forward, atol=1e-9)


def test_the_wrist_camera_sees_the_finger_tips_near_its_middle():
    found, depth = DEMO_WRIST_CAMERA.project([[0, 0, 0], [0, 0.04, 0], [0, -0.04, 0], [0, 0, 0.2]])
    assert (depth > 0).all()
    assert ((found > 0) & (found < (320, 240))).all()


@pytest.mark.parametrize('wrong', [
    {'width': 0}, {'fx': -1.0}, {'fx': np.nan}, {'cx': np.inf}, {'position': (0, 0)},
    {'quaternion': (0, 0, 0, 2)}, {'position': (np.nan, 0, 0)},
])
def test_nonsense_is_refused(wrong):
    good = {'name': 'c', 'width': 4, 'height': 4, 'fx': 1.0, 'fy': 1.0, 'cx': 1.5, 'cy': 1.5,
            'position': (0, 0, 0), 'quaternion': (0, 0, 0, 1)}
    with pytest.raises(InvalidValueError):
        CameraModel(**{**good, **wrong})


def test_looking_straight_up_is_refused():
    with pytest.raises(InvalidValueError):
        looking_at((0, 0, 0), (0, 0, 1))


@pytest.mark.parametrize('point', [(0.3, -0.3, 0.05), (0.7, 0.35, 0.15), (0.45, 0.0, 0.05)])
def test_mujoco_agrees_to_a_fraction_of_a_pixel(point, render):
    """The centroid of a small rendered ball is where `project` says: half pixels would show."""
    place = ' '.join(map(str, point))
    sphere = f'<geom type="sphere" size="0.008" pos="{place}" rgba="1 0 0 1"/>'
    colour, depth = render(sphere, DEMO_FRONT_CAMERA)
    rows, columns = np.nonzero((colour[..., 0] > 60) & (colour[..., 1] < 40))
    expected, distance = DEMO_FRONT_CAMERA.project([point])
    np.testing.assert_allclose((columns.mean(), rows.mean()), expected[0], atol=0.3)
    middle = depth[round(expected[0, 1]), round(expected[0, 0])]
    assert middle == pytest.approx(distance[0] - 0.008, abs=1e-3)
