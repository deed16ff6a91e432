"""A renderer of small MuJoCo worlds, so that what sees is tested on pictures."""

import os

os.environ.setdefault('MUJOCO_GL', 'egl')

import numpy as np
import pytest

from vls_core.grounding.picture import RgbdPicture

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


_TABLE = (
    '<light pos="0.3 0 2" dir="0.1 0 -1" diffuse="0.5 0.5 0.5"/>'
    '<geom type="box" size="0.35 0.5 0.02" pos="0.5 0 -0.02" rgba="0.2 0.2 0.2 1"/>'
)
_LOOKS = {
    'red cube': ('box', '0.02 0.02 0.02', '0.9 0.03 0.03 1'),
    'green cube': ('box', '0.02 0.02 0.02', '0.05 0.75 0.05 1'),
    'blue cube': ('box', '0.02 0.02 0.02', '0.04 0.22 0.9 1'),
    'yellow cube': ('box', '0.02 0.02 0.02', '0.95 0.9 0.03 1'),
    'plate': ('cylinder', '0.075 0.006', '1 0.45 0.02 1'),
    'bottle': ('cylinder', '0.03 0.1', '0.9 0.03 0.85 1'),
}
_TRAY_PARTS = (
    (0, 0, 0.003, 0.08, 0.08, 0.003),
    (0.077, 0, 0.0075, 0.003, 0.08, 0.0075), (-0.077, 0, 0.0075, 0.003, 0.08, 0.0075),
    (0, 0.077, 0.0075, 0.08, 0.003, 0.0075), (0, -0.077, 0.0075, 0.08, 0.003, 0.0075),
)


def _demo_world(places, yaw=0.0):
    """MJCF of the table with objects by name; places are the centres of their boxes [m]."""
    parts = [_TABLE]
    for name, (x, y, z) in places.items():
        if name == 'tray':
            parts += [
                f'<geom type="box" rgba="0.03 0.85 0.85 1" pos="{x + dx} {y + dy} '
                f'{z - 0.0075 + dz}" size="{a} {b} {c}"/>'
                for dx, dy, dz, a, b, c in _TRAY_PARTS
            ]
        else:
            shape, size, rgba = _LOOKS[name]
            parts.append(
                f'<geom type="{shape}" size="{size}" rgba="{rgba}" pos="{x} {y} {z}" '
                f'euler="0 0 {np.rad2deg(yaw)}"/>'
            )
    return ''.join(parts)


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


@pytest.fixture(scope='session')
def demo_world():
    """A function from the centres of the demo's objects by name to MJCF geometry."""
    return _demo_world


@pytest.fixture(scope='session')
def photograph():
    """A function from MJCF geometry, a camera and a stamp [s] to an RgbdPicture."""

    def photograph(geometry, camera, stamp=0.0):
        color, depth = _render(geometry, camera)
        return RgbdPicture(stamp, camera, color, np.where(depth < 5, 1000 * depth, 0).round()
                           .astype(np.uint16))

    return photograph
