"""A RealSense camera, or a recording of one, as a source of aligned colour and depth pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vls_core.grounding.camera import CameraModel

_MILLIMETRE = 0.001


class CameraUnavailableError(RuntimeError):
    """There is no camera, recording or library to read from; the message says what to do."""


@dataclass(frozen=True)
class SourceSettings:
    """What to open.

    Attributes:
        name: prefix of the topics; names the camera model.
        serial: serial number of the camera; empty: the first one found.
        recording: .db3 file to play instead of a camera; empty: a camera.
        repeat: a recording starts again at its end.
        width, height: of both streams [pixels]; a recording has its own.
        frame_rate: [Hz]; a recording has its own.
    """

    name: str
    serial: str = ''
    recording: str = ''
    repeat: bool = True
    width: int = 640
    height: int = 480
    frame_rate: int = 15


class RealSenseSource:
    """Opened on construction; `read` gives depth aligned to colour until `close`.

    Raises:
        CameraUnavailableError: see there.
    """

    def __init__(self, settings: SourceSettings) -> None:
        self._library = _library()
        if not settings.recording:
            self._find_device(settings)
        self._pipeline = self._library.pipeline()
        self._align = self._library.align(self._library.stream.color)
        try:
            profile = self._pipeline.start(self._configuration(settings))
            color = profile.get_stream(self._library.stream.color)
            self._scale = profile.get_device().first_depth_sensor().get_depth_scale()
        except RuntimeError as error:
            raise CameraUnavailableError(_advice(settings, error)) from error
        self.camera = _camera(settings.name, color.as_video_stream_profile().get_intrinsics())
        self.distortion = tuple(color.as_video_stream_profile().get_intrinsics().coeffs)

    def _find_device(self, settings: SourceSettings) -> None:
        # Said at once: the pipeline itself would wait 15 s for a missing serial number.
        key = self._library.camera_info.serial_number
        found = [device.get_info(key) for device in self._library.context().query_devices()]
        if not found or settings.serial not in ('', *found):
            connected = ', '.join(found) or 'none'
            raise CameraUnavailableError(_advice(settings, f'connected: {connected}'))

    def _configuration(self, settings: SourceSettings) -> Any:
        rs = self._library
        config = rs.config()
        if settings.recording:
            if not Path(settings.recording).is_file():
                raise CameraUnavailableError(f'there is no recording {settings.recording}')
            rs.config.enable_device_from_file(config, settings.recording, settings.repeat)
            return config
        if settings.serial:
            config.enable_device(settings.serial)
        size = (settings.width, settings.height)
        config.enable_stream(rs.stream.depth, *size, rs.format.z16, settings.frame_rate)
        config.enable_stream(rs.stream.color, *size, rs.format.rgb8, settings.frame_rate)
        return config

    def read(self, timeout: float) -> tuple[np.ndarray, np.ndarray] | None:
        """The next colour (H, W, 3) uint8 and depth (H, W) uint16 [mm]; None when none came.

        Args:
            timeout: longest time to wait [s].
        """
        arrived, frames = self._pipeline.try_wait_for_frames(int(1000 * timeout))
        if not arrived:
            return None
        frames = self._align.process(frames)
        color, depth = frames.get_color_frame(), frames.get_depth_frame()
        if not (color and depth):
            return None
        millimetres = np.asanyarray(depth.get_data())
        if abs(self._scale - _MILLIMETRE) > 1e-9:
            millimetres = (millimetres * (self._scale / _MILLIMETRE)).round().astype(np.uint16)
        return np.asanyarray(color.get_data()), millimetres

    def close(self) -> None:
        """Stops the camera."""
        self._pipeline.stop()


def _library() -> Any:
    try:
        import pyrealsense2
    except ImportError as error:
        raise CameraUnavailableError(
            f'pyrealsense2 cannot be loaded ({error}); install it with "pip install pyrealsense2" '
            'and "sudo apt-get install libusb-1.0-0"'
        ) from error
    return pyrealsense2


def _advice(settings: SourceSettings, error: RuntimeError | str) -> str:
    if settings.recording:
        return (
            f'cannot play {settings.recording}: {error}; '
            'it must be a .db3 file with colour and depth'
        )
    which = f'RealSense with serial number {settings.serial}' if settings.serial else 'RealSense'
    return (
        f'cannot open a {which} at {settings.width} x {settings.height}, '
        f'{settings.frame_rate} Hz: {error}. Plug it into a USB 3 port, check that the udev rules '
        'are installed and that no other program uses it, or play a file with the parameter '
        '"recording"'
    )


def _camera(name: str, intrinsics: Any) -> CameraModel:
    return CameraModel(
        name, intrinsics.width, intrinsics.height, intrinsics.fx, intrinsics.fy, intrinsics.ppx,
        intrinsics.ppy, np.zeros(3), np.array([0.0, 0.0, 0.0, 1.0]), f'{name}_color_optical_frame',
    )
