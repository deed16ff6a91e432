"""Node `realsense_camera`: the topics of realsense2_camera, without a ROS install.

With one, use realsense2_camera itself: it does more and drops less.
"""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass

from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from vls_perception_node.perception_node import COLOR_TOPIC, DEPTH_TOPIC, INFO_TOPIC
from vls_perception_node.realsense_source import (
    CameraUnavailableError,
    RealSenseSource,
    SourceSettings,
)
from vls_ros import qos
from vls_ros.images import camera_info_message, image_message
from vls_ros.lifecycle import SetupError, VlsNode, run_node
from vls_ros.parameters import parameter

_READ_TIMEOUT = 0.5
_SILENCE = 3.0


@dataclass(frozen=True)
class Parameters:
    """ROS parameters of the node."""

    camera: str = parameter('front_camera', 'prefix of the topics')
    serial: str = parameter('', 'serial number of the camera; empty: the first one found')
    recording: str = parameter('', '.db3 file to play instead of a camera; empty: a camera')
    repeat: bool = parameter(True, 'start the recording again at its end')
    width: int = parameter(640, 'width of the pictures of a camera [pixels]', 64, 4096)
    height: int = parameter(480, 'height of the pictures of a camera [pixels]', 64, 4096)
    frame_rate: int = parameter(15, 'pictures per second of a camera [Hz]', 1, 90)


class RealSenseCameraNode(VlsNode):
    """Publishes what a RealSenseSource reads, stamped with the time of arrival."""

    parameters_class = Parameters

    def __init__(self, **kwargs: object) -> None:
        super().__init__('realsense_camera', **kwargs)
        self._source: RealSenseSource | None = None
        self._reader: threading.Thread | None = None
        self._running = threading.Event()
        self._pictures = 0
        self._last_picture = time.monotonic()

    def setup(self) -> None:
        """Opens the camera or the recording. Raises SetupError when there is none."""
        values = self.parameters
        prefix = values.camera
        self._color = self.create_publisher(Image, f'{prefix}/{COLOR_TOPIC}', qos.CAMERA)
        self._depth = self.create_publisher(Image, f'{prefix}/{DEPTH_TOPIC}', qos.CAMERA)
        self._info = self.create_publisher(CameraInfo, f'{prefix}/{INFO_TOPIC}', qos.CAMERA)
        try:
            self._source = RealSenseSource(SourceSettings(
                prefix, values.serial, values.recording, values.repeat, values.width,
                values.height, values.frame_rate,
            ))
        except CameraUnavailableError as error:
            raise SetupError(str(error)) from error
        if any(self._source.distortion):
            self.get_logger().warning(
                'the colour lens has distortion, which is not corrected: '
                f'{self._source.distortion}; measure how far off known objects are reported'
            )

    def start(self) -> None:
        """Begins to read and publish, in a thread of its own."""
        self._running.set()
        self._last_picture = time.monotonic()
        self._reader = threading.Thread(target=self._read, name='camera')
        self._reader.start()

    def halt(self) -> None:
        """Ends the reading thread."""
        self._running.clear()
        if self._reader:
            self._reader.join()
            self._reader = None

    def teardown(self) -> None:
        """Closes the camera."""
        if self._source:
            self._source.close()
            self._source = None

    def health(self) -> tuple[bool, str, dict[str, object]]:
        """Whether pictures come."""
        age = time.monotonic() - self._last_picture
        values = {'pictures': self._pictures, 'age of last picture [s]': f'{age:.2f}'}
        if age > _SILENCE:
            return False, f'no picture for {age:.0f} s: unplugged, or the recording ended', values
        return True, 'pictures come', values

    def _read(self) -> None:
        while self._running.is_set():
            frames = self._source.read(_READ_TIMEOUT)
            if frames is None:
                continue
            color, depth = frames
            header = Header(
                stamp=self.get_clock().now().to_msg(),
                frame_id=self._source.camera.optical_frame,
            )
            self._info.publish(camera_info_message(self._source.camera, header))
            self._color.publish(image_message(color, 'rgb8', header))
            self._depth.publish(image_message(depth, '16UC1', header))
            self._pictures += 1
            self._last_picture = time.monotonic()


def main() -> None:
    """Runs the node."""
    sys.exit(run_node(RealSenseCameraNode))
