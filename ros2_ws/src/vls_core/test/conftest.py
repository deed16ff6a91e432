"""A renderer of small MuJoCo worlds, so that what sees is tested on pictures."""

import os

os.environ.setdefault('MUJOCO_GL', 'egl')

import numpy as np
import pytest

_WORLD = """
<mujoco>
  <visual>
    <global offwidth="640" offheight="480"/>
    <map znear="0.01" zfar="10"/>
    <headlight ambient="0.35 0.35 0.35" diffuse="0.5 0.5 0.5" specular="0 0 0"/>
  </visual>
  <statistic extent="1"/>
  <worldbody>
    <camera name="camera" pos="{position}" quat="{quaternion}" fovy="{fovy}"/>
    {geometry}
  </worldbody>
</mujoco>
"""


def _render(geometry, camera):
    """Colour (H, W, 3) uint8 and depth (H, W) [m] of `geometry` (MJCF), seen by a fixed camera."""
    import mujoco

    quaternion = np.empty(4)
    mujoco.mju_mat2Quat(quaternion, (camera.rotation @ np.diag([1.0, -1.0, -1.0])).ravel())
    model = mujoco.MjModel.from_xml_string(_WORLD.format(
        position=' '.join(map(str, camera.position)),
        quaternion=' '.join(map(str, quaternion)),
        fovy=np.rad2deg(camera.vertical_field_of_view),
        geometry=geometry,
    ))
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    with mujoco.Renderer(model, camera.height, camera.width) as renderer:
        renderer.update_scene(data, 'camera')
        colour = renderer.render().copy()
        renderer.enable_depth_rendering()
        renderer.update_scene(data, 'camera')
        return colour, renderer.render().copy()


@pytest.fixture(scope='session')
def render():
    """A function from MJCF geometry and a CameraModel to a colour and a depth picture."""
    return _render
