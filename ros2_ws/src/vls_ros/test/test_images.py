"""Messages to arrays and back."""

import numpy as np
import pytest
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header

from vls_core.grounding.camera import DEMO_FRONT_CAMERA
from vls_core.types import InvalidValueError
from vls_ros.images import (
    camera_from_message,
    camera_info_message,
    color_from_message,
    depth_from_message,
    image_message,
)

GENERATOR = np.random.default_rng(0)
COLOR = GENERATOR.integers(0, 256, (48, 64, 3), np.uint8)
DEPTH = GENERATOR.integers(0, 65536, (48, 64), np.uint16)


def test_pictures_survive_the_way_through_a_message():
    np.testing.assert_array_equal(
        color_from_message(image_message(COLOR, 'rgb8', Header())), COLOR)
    np.testing.assert_array_equal(
        depth_from_message(image_message(DEPTH, '16UC1', Header())), DEPTH)


def test_reading_does_not_copy():
    message = image_message(DEPTH, '16UC1', Header())
    message.data[0] ^= 1
    assert depth_from_message(message)[0, 0] == DEPTH[0, 0] ^ 1
    assert np.shares_memory(depth_from_message(message), np.frombuffer(message.data, np.uint8))


def test_bgr_is_turned_round():
    message = image_message(np.ascontiguousarray(COLOR[..., ::-1]), 'bgr8', Header())
    np.testing.assert_array_equal(color_from_message(message), COLOR)


def test_big_endian_depth_is_understood():
    message = image_message(DEPTH.byteswap(), '16UC1', Header())
    message.is_bigendian = 1
    np.testing.assert_array_equal(depth_from_message(message), DEPTH)


def test_padding_at_the_end_of_rows_is_skipped():
    message = image_message(np.pad(COLOR, ((0, 0), (0, 2), (0, 0))), 'rgb8', Header())
    message.width = 64
    np.testing.assert_array_equal(color_from_message(message), COLOR)


@pytest.mark.parametrize('change', [
    {'encoding': '32FC1'}, {'width': 65}, {'height': 47}, {'step': 10}, {'height': 0, 'width': 0},
])
def test_pictures_that_contradict_themselves_are_refused(change):
    message = image_message(DEPTH, '16UC1', Header())
    for name, value in change.items():
        setattr(message, name, value)
    with pytest.raises(InvalidValueError, match='depth picture'):
        depth_from_message(message)


def test_a_calibration_survives_the_way_through_a_message():
    camera = DEMO_FRONT_CAMERA
    found = camera_from_message(
        camera_info_message(camera, Header()), camera.name, camera.position, camera.quaternion)
    assert (found.width, found.height) == (camera.width, camera.height)
    np.testing.assert_array_equal(found.intrinsic_matrix, camera.intrinsic_matrix)


def test_an_uncalibrated_camera_is_refused():
    with pytest.raises(InvalidValueError, match='not calibrated'):
        camera_from_message(CameraInfo(width=640, height=480), 'front_camera', (0, 0, 0),
                            (0, 0, 0, 1))
