"""The camera of a LIBERO scene: depth, and which pixel belongs to which thing.

Which pixels are which thing is told by the simulator, in the place of an open-vocabulary
segmenter, which needs weights that cannot be had here. Everything after that is measured in the
picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from scipy.spatial.transform import Rotation

from benchmarks.libero_pro.simulation import Simulation
from vls_core.grounding.camera import CameraModel
from vls_core.grounding.picture import RgbdPicture

CAMERA = 'agentview'
"""The one that policies of this benchmark look through."""
SIZE = 256
"""Width and height of its pictures [pixels]."""
_OPTICAL = np.diag([1.0, -1.0, -1.0])
"""From MuJoCo's camera axes (right, up, backward) to right, down, forward."""


@dataclass(frozen=True, eq=False)
class LabelledPicture(RgbdPicture):
    """A picture whose pixels are labelled.

    Attributes:
        labels: (H, W) index into `names`, -1 for what has none.
        names: of the things in the scene.
    """

    labels: np.ndarray
    names: tuple[str, ...]


class SceneCamera:
    """Renders a simulation without a window.

    Args:
        simulation: stays the one that is looked at.
        size: width and height [pixels].

    Raises:
        NoGraphicsError: there is no OpenGL to render with.
    """

    def __init__(self, simulation: Simulation, size: int = SIZE) -> None:
        self._simulation, self._size = simulation, size
        self._model, self._data = simulation.physics
        try:
            self._context = mujoco.GLContext(size, size)
            self._context.make_current()
        except Exception as error:  # whatever the backend raises, there is no graphics
            raise NoGraphicsError(
                f'no OpenGL to render with ({error}): install libegl1 (Debian, Ubuntu) and set '
                'MUJOCO_GL=egl, or libosmesa6 and MUJOCO_GL=osmesa'
            ) from error
        self._model.vis.global_.offwidth = self._model.vis.global_.offheight = size
        self._renderer = mujoco.MjrContext(
            self._model, mujoco.mjtFontScale.mjFONTSCALE_100.value
        )
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN.value, self._renderer)
        self._scene = mujoco.MjvScene(self._model, maxgeom=2000)
        self._options = mujoco.MjvOption()
        self._options.geomgroup[:] = 0
        self._options.geomgroup[1] = 1  # what is seen; collision shapes are another group
        self._camera = mujoco.MjvCamera()
        self._camera.type = mujoco.mjtCamera.mjCAMERA_FIXED
        self._camera.fixedcamid = self._model.camera(CAMERA).id
        self._owners = _owners(simulation)

    def close(self) -> None:
        """Gives the graphics memory back."""
        self._renderer.free()
        self._context.free()

    @property
    def model(self) -> CameraModel:
        """Calibration, and place in the robot's base frame."""
        number, size = self._camera.fixedcamid, self._size
        focal = size / 2 / np.tan(np.radians(self._model.cam_fovy[number]) / 2)
        turn = self._data.cam_xmat[number].reshape(3, 3) @ _OPTICAL
        return CameraModel(
            CAMERA, size, size, focal, focal, (size - 1) / 2, (size - 1) / 2,
            self._data.cam_xpos[number] - self._simulation.base,
            Rotation.from_matrix(turn).as_quat(),
        )

    def look(self, stamp: float) -> LabelledPicture:
        """Depth and labels, in one pass; the colours are left black."""
        self._update()
        flags = self._scene.flags
        before = flags.copy()
        flags[:] = 0
        flags[mujoco.mjtRndFlag.mjRND_SEGMENT] = flags[mujoco.mjtRndFlag.mjRND_IDCOLOR] = 1
        codes, buffer = self._render()
        flags[:] = before
        numbers = codes.astype(np.int32) @ np.array([1, 256, 65536]) - 1
        geoms = self._geoms_of_codes()
        labels = np.where(numbers >= 0, geoms[np.clip(numbers, 0, len(geoms) - 1)], -1)
        depth = 1000.0 * self._metres(buffer)
        return LabelledPicture(
            stamp, self.model, np.zeros((*depth.shape, 3), np.uint8),
            depth.clip(0, 65535).round().astype(np.uint16), labels, self._simulation.obstacles,
        )

    def photograph(self) -> np.ndarray:
        """(H, W, 3) uint8, red green blue, as a person would see it."""
        self._update()
        return self._render()[0]

    def _update(self) -> None:
        self._context.make_current()
        mujoco.mjv_updateScene(
            self._model, self._data, self._options, None, self._camera,
            mujoco.mjtCatBit.mjCAT_ALL.value, self._scene,
        )

    def _render(self) -> tuple[np.ndarray, np.ndarray]:
        size = self._size
        rectangle = mujoco.MjrRect(0, 0, size, size)
        color, depth = np.empty((size, size, 3), np.uint8), np.empty((size, size), np.float32)
        mujoco.mjr_render(rectangle, self._scene, self._renderer)
        mujoco.mjr_readPixels(color, depth, rectangle, self._renderer)
        return np.flipud(color), np.flipud(depth)

    def _metres(self, buffer: np.ndarray) -> np.ndarray:
        """Along the optical axis, from OpenGL's depth."""
        extent, zoom = self._model.stat.extent, self._model.vis.map
        near, far = zoom.znear * extent, zoom.zfar * extent
        return near / (1.0 - buffer.astype(np.float64) * (1.0 - near / far))

    def _geoms_of_codes(self) -> np.ndarray:
        """Label of each thing that was drawn, by the number it was drawn with."""
        labels = np.full(self._scene.ngeom + 1, -1)
        for geom in self._scene.geoms[:self._scene.ngeom]:
            if geom.segid >= 0 and geom.objtype == mujoco.mjtObj.mjOBJ_GEOM:
                labels[geom.segid] = self._owners[geom.objid]
        return labels


class NoGraphicsError(RuntimeError):
    """Nothing can be rendered on this machine; the message says what to install."""


def _owners(simulation: Simulation) -> np.ndarray:
    """For every geom, the index of the thing it belongs to; -1: to none."""
    model, _ = simulation.physics
    roots = {simulation.body(name): index for index, name in enumerate(simulation.obstacles)}

    def owner(body: int) -> int:
        while body != 0 and body not in roots:
            body = model.body_parentid[body]
        return roots.get(body, -1)

    return np.array([owner(body) for body in model.geom_bodyid])
