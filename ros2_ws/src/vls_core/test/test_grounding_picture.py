"""Pictures that do not belong together are refused where they enter."""

import numpy as np
import pytest

from vls_core.grounding.camera import DEMO_FRONT_CAMERA
from vls_core.grounding.picture import PictureSizeError, RgbdPicture
from vls_core.types import InvalidValueError

COLOR = np.zeros((480, 640, 3), np.uint8)
DEPTH = np.full((480, 640), 1000, np.uint16)


def test_points_are_those_of_the_camera():
    picture = RgbdPicture(0.0, DEMO_FRONT_CAMERA, COLOR, DEPTH)
    found = picture.points(np.array([10]), np.array([20]))
    np.testing.assert_allclose(found, DEMO_FRONT_CAMERA.deproject([[10, 20]], [1.0]))


def test_depth_of_another_size_is_refused():
    with pytest.raises(PictureSizeError, match='depth picture.*480 x 640.*240 x 320.*aligned'):
        RgbdPicture(0.0, DEMO_FRONT_CAMERA, COLOR, DEPTH[::2, ::2])


def test_colour_of_another_size_is_refused():
    with pytest.raises(PictureSizeError, match='colour picture'):
        RgbdPicture(0.0, DEMO_FRONT_CAMERA, COLOR[:, :100], DEPTH)


def test_depth_in_metres_is_refused():
    with pytest.raises(InvalidValueError, match='uint16 depth'):
        RgbdPicture(0.0, DEMO_FRONT_CAMERA, COLOR, DEPTH.astype(np.float32))
