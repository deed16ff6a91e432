"""The node's messages look like those of realsense2_camera."""

import numpy as np
import pytest
from std_msgs.msg import Header

from vls_core.grounding.camera import DEMO_FRONT_CAMERA, DEMO_WRIST_CAMERA
from vls_sim.sim_node import _camera_info, _image_message


@pytest.mark.parametrize('pixels, encoding, step', [
    (np.arange(24, dtype=np.uint8).reshape(2, 4, 3), 'rgb8', 12),
    (np.arange(8, dtype=np.uint16).reshape(2, 4) * 300, '16UC1', 8),
])
def test_an_image_message_can_be_read_back(pixels, encoding, step):
    header = Header(frame_id='front_camera_color_optical_frame')
    message = _image_message(pixels[::-1], encoding, header)
    assert (message.height, message.width, message.step) == (2, 4, step)
    assert message.encoding == encoding and message.header == header
    back = np.frombuffer(message.data, pixels.dtype).reshape(pixels.shape)
    np.testing.assert_array_equal(back, pixels[::-1])


@pytest.mark.parametrize('camera', [DEMO_FRONT_CAMERA, DEMO_WRIST_CAMERA])
def test_camera_info_carries_the_intrinsics(camera):
    message = _camera_info(camera, Header())
    assert (message.width, message.height) == (camera.width, camera.height)
    np.testing.assert_array_equal(np.reshape(message.k, (3, 3)), camera.intrinsic_matrix)
    np.testing.assert_array_equal(np.reshape(message.p, (3, 4))[:, :3], camera.intrinsic_matrix)
    assert message.distortion_model == 'plumb_bob' and not any(message.d)
