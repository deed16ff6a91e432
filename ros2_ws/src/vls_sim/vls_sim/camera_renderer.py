"""Colour and depth pictures of the simulated cameras."""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass

import mujoco
import numpy as np

from vls_core.grounding.camera import CameraModel

DEPTH_RANGE = (0.1, 3.0)
"""Nearest and farthest measured depth [m]; a D435 reports 0 outside of about this range."""

_BACKENDS = ('egl', 'osmesa')


class RendererUnavailableError(RuntimeError):
    """This machine cannot draw without a screen; the message names the package to install."""

    def __init__(self, reasons: dict[str, str]) -> None:
        tried = '; '.join(f'{backend}: {reason}' for backend, reason in reasons.items())
        super().__init__(
            'cannot render the cameras without a screen; install a software renderer with '
            f'"sudo apt install libegl1 libgl1-mesa-dri" (tried {tried})'
        )


@dataclass(frozen=True)
class RgbdImage:
    """A picture of one camera.

    Attributes:
        colour: (H, W, 3) uint8, red green blue.
        depth: (H, W) uint16, distance along the optical axis [mm], 0 where there is none.
    """

    colour: np.ndarray
    depth: np.ndarray


class CameraRenderer:
    """Draws the scene. Everything, construction included, must happen in one and the same thread.

    Args:
        model: with a camera of the name of every camera to be drawn.
        depth_noise: standard deviation of depth at 1 m, growing with its square as that of a
            stereo camera does [m].
        seed: of the noise.

    Raises:
        RendererUnavailableError: see there.
    """

    def __init__(self, model: mujoco.MjModel, depth_noise: float = 0.0, seed: int = 0) -> None:
        self._model = model
        self._depth_noise = depth_noise
        self._generator = np.random.default_rng(seed)
        size = model.vis.global_.offwidth, model.vis.global_.offheight
        self._gl_context, self._context = _make_contexts(model, *size)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._context)
        self._context.readDepthMap = mujoco.mjtDepthMap.mjDEPTH_ZERONEAR
        self._scene = mujoco.MjvScene(model, maxgeom=model.ngeom + 100)
        self._options = mujoco.MjvOption()
        self._view = mujoco.MjvCamera()
        self._view.type = mujoco.mjtCamera.mjCAMERA_FIXED

    def render(self, data: mujoco.MjData, camera: CameraModel) -> RgbdImage:
        """The picture of a state whose kinematics are up to date."""
        self._view.fixedcamid = self._model.camera(camera.name).id
        mujoco.mjv_updateScene(
            self._model, data, self._options, None, self._view, mujoco.mjtCatBit.mjCAT_ALL,
            self._scene,
        )
        colour = np.empty((camera.height, camera.width, 3), dtype=np.uint8)
        buffer = np.empty((camera.height, camera.width), dtype=np.float32)
        rectangle = mujoco.MjrRect(0, 0, camera.width, camera.height)
        mujoco.mjr_render(rectangle, self._scene, self._context)
        mujoco.mjr_readPixels(colour, buffer, rectangle, self._context)
        # OpenGL's rows go upward.
        return RgbdImage(colour[::-1], self._depth(buffer[::-1]))

    def close(self) -> None:
        """Frees the graphics resources."""
        self._context.free()
        self._gl_context.free()

    def _depth(self, buffer: np.ndarray) -> np.ndarray:
        extent = self._model.stat.extent
        near, far = self._model.vis.map.znear * extent, self._model.vis.map.zfar * extent
        depth = near * far / (far - buffer.astype(np.float64) * (far - near))
        measured = depth
        if self._depth_noise > 0:
            noise = self._generator.normal(0.0, self._depth_noise, depth.shape)
            measured = depth + depth**2 * noise
        seen = (depth >= DEPTH_RANGE[0]) & (depth <= DEPTH_RANGE[1])
        return np.where(seen, np.rint(1000.0 * measured), 0.0).astype(np.uint16)


def _make_contexts(
    model: mujoco.MjModel, width: int, height: int
) -> tuple[object, mujoco.MjrContext]:
    """The first rendering backend that works, or the one that MUJOCO_GL asks for."""
    asked = os.environ.get('MUJOCO_GL', '').lower()
    reasons = {}
    for backend in (asked,) if asked in _BACKENDS else _BACKENDS:
        os.environ['MUJOCO_GL'] = backend  # MuJoCo's own loader looks at it
        try:
            gl_context = importlib.import_module(f'mujoco.{backend}').GLContext(width, height)
            gl_context.make_current()
            return gl_context, mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100)
        except Exception as error:  # the OpenGL bindings raise anything from OSError on
            reasons[backend] = str(error) or type(error).__name__
    raise RendererUnavailableError(reasons)
