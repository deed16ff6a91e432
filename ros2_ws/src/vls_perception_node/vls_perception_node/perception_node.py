"""Node `perception`: RGB-D pictures in, named objects with keypoints out."""

from __future__ import annotations

import sys
import time
from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.qos import HistoryPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, Image
from visualization_msgs.msg import MarkerArray
from vls_interfaces import msg as messages

from vls_core.grounding.annotate import annotate
from vls_core.grounding.camera import DEMO_FRONT_CAMERA, CameraModel
from vls_core.grounding.catalogue import (
    CatalogueError,
    ObjectCatalogue,
    demo_catalogue,
    load_catalogue,
)
from vls_core.grounding.colour_segmentation import ColourSegmentation
from vls_core.grounding.estimator import SceneEstimator
from vls_core.grounding.memory import SceneMemory
from vls_core.grounding.pairing import RateLimit, StampPairing
from vls_core.grounding.picture import RgbdPicture
from vls_core.types import InvalidValueError, Scene
from vls_perception_node.markers import scene_markers
from vls_ros import convert, qos
from vls_ros.courtesy import let_others_go_first
from vls_ros.images import (
    camera_from_message,
    color_from_message,
    depth_from_message,
    image_message,
)
from vls_ros.lifecycle import SetupError, VlsNode, run_node
from vls_ros.parameters import parameter

COLOR_TOPIC = 'color/image_raw'
DEPTH_TOPIC = 'aligned_depth_to_color/image_raw'
INFO_TOPIC = 'color/camera_info'

_NEWEST = QoSProfile(
    history=HistoryPolicy.KEEP_LAST, depth=1, reliability=ReliabilityPolicy.BEST_EFFORT
)
"""As qos.CAMERA, but a busy machine must not work through a queue of old pictures."""


@dataclass(frozen=True)
class Parameters:
    """ROS parameters of the node."""

    camera: str = parameter(
        DEMO_FRONT_CAMERA.name, 'prefix of the camera topics, as realsense2_camera names them'
    )
    camera_position: tuple[float, ...] = parameter(
        tuple(DEMO_FRONT_CAMERA.position.tolist()),
        'x y z of the colour optical frame in fr3_link0 [m]',
    )
    camera_orientation: tuple[float, ...] = parameter(
        tuple(DEMO_FRONT_CAMERA.quaternion.tolist()),
        'quaternion x y z w of the colour optical frame (z forward, y down) in fr3_link0',
    )
    objects_file: str = parameter('', 'YAML file of the objects; empty: those of the demo')
    rate: float = parameter(5.0, 'at most so many scenes per second [Hz]', 0.1, 60.0)
    maximum_stamp_difference: float = parameter(
        0.02, 'colour and depth of one picture may differ by this [s]', 0.0, 0.5
    )
    memory_timeout: float = parameter(
        10.0, 'a hidden object is dropped after this [s]', 0.0, 600.0
    )
    camera_timeout: float = parameter(
        3.0, 'without a picture for this long, a warning is given [s]', 0.5, 60.0
    )


class PerceptionNode(VlsNode):
    """Decodes pictures, hands them to a SceneEstimator, and publishes what it returns.

    Messages are taken in one group of callbacks and looked at in another: a colour picture that
    had to wait until the one before is understood would on a busy computer meet the depth of the
    next, again and again.
    """

    parameters_class = Parameters

    def __init__(self, **kwargs: object) -> None:
        super().__init__('perception', **kwargs)
        self._camera: CameraModel | None = None
        self._scene: Scene | None = None
        self._problem = ''
        self._last_picture = time.monotonic()
        self._camera_is_silent = False
        self._processing_time = 0.0
        self._listening = False
        self._newest: deque[tuple[Image, Image]] = deque(maxlen=1)
        self._arrived = self.create_guard_condition(
            self._look, callback_group=MutuallyExclusiveCallbackGroup()
        )
        self._scenes = self.create_publisher(messages.Scene, 'scene', qos.LATCHED)
        self._drawings = self.create_publisher(Image, 'annotated_image', qos.CAMERA)
        self._markers = self.create_publisher(MarkerArray, 'scene_markers', qos.STATUS)
        self._subscribe()

    def _subscribe(self) -> None:
        one_at_a_time = MutuallyExclusiveCallbackGroup()
        for kind, topic, callback in (
            (CameraInfo, INFO_TOPIC, self._on_info),
            (Image, COLOR_TOPIC, self._on_color),
            (Image, DEPTH_TOPIC, self._on_depth),
        ):
            self.create_subscription(
                kind, f'{self.parameters.camera}/{topic}', callback, _NEWEST,
                callback_group=one_at_a_time,
            )
        self.create_timer(0.5, self._watch_camera, callback_group=one_at_a_time)

    def setup(self) -> None:
        """Reads the catalogue and checks the parameters. Raises SetupError."""
        values = self.parameters
        cv2.setNumThreads(1)
        self._check_extrinsics()
        catalogue = self._catalogue()
        detector = ColourSegmentation(catalogue)
        memory = SceneMemory(values.memory_timeout)
        self._estimator = SceneEstimator(detector, memory, catalogue.table_height)
        self._pairing = StampPairing(values.maximum_stamp_difference)
        self._rate_limit = RateLimit(values.rate)
        self.get_logger().info(
            f'detector: {detector.name} (the embedded default), looking for '
            + ', '.join(item.name for item in catalogue.objects)
        )

    def _check_extrinsics(self) -> None:
        position, orientation = self.parameters.camera_position, self.parameters.camera_orientation
        if len(position) != 3:
            raise SetupError(f'camera_position must be x y z, got {list(position)}')
        if len(orientation) != 4 or abs(np.linalg.norm(orientation) - 1.0) > 1e-3:
            raise SetupError(
                f'camera_orientation must be a quaternion x y z w of length 1, '
                f'got {list(orientation)}'
            )

    def _catalogue(self) -> ObjectCatalogue:
        path = self.parameters.objects_file
        try:
            return load_catalogue(path) if path else demo_catalogue()
        except CatalogueError as error:
            raise SetupError(f'objects_file: {error}') from error

    def start(self) -> None:
        """Begins to listen to the camera."""
        self._last_picture = time.monotonic()
        self._listening = True

    def halt(self) -> None:
        """Stops listening; the last scene stays latched."""
        self._listening = False

    def health(self) -> tuple[bool, str, dict[str, object]]:
        """Age of the last picture, what was seen in it, and how long that took."""
        age = time.monotonic() - self._last_picture
        objects = self._scene.objects if self._scene else ()
        visible = [item.name for item in objects if item.last_seen >= self._scene.stamp]
        values = {
            'age of last picture [s]': f'{age:.2f}',
            'objects seen': ', '.join(visible) or 'none',
            'objects remembered': ', '.join(
                item.name for item in objects if item.name not in visible
            ) or 'none',
            'processing time [ms]': f'{1e3 * self._processing_time:.1f}',
        }
        if self._camera_is_silent:
            return False, f'no picture for {age:.0f} s', values
        if self._problem:
            return False, self._problem, values
        return True, f'{len(visible)} objects seen', values

    def _watch_camera(self) -> None:
        age = time.monotonic() - self._last_picture
        silent = self._listening and age > self.parameters.camera_timeout
        if silent and not self._camera_is_silent:
            prefix = self.parameters.camera
            missing = '' if self._camera else f' and no calibration on {prefix}/{INFO_TOPIC}'
            self.get_logger().warning(
                f'no pictures on {prefix}/{COLOR_TOPIC} with {prefix}/{DEPTH_TOPIC}{missing}. '
                'Check that the camera (or the simulator) runs, that depth is aligned to colour '
                '(align_depth.enable), that the parameter "camera" names it, and that both sides '
                'use the same ROS_DOMAIN_ID'
            )
        elif self._camera_is_silent and not silent:
            self.get_logger().info('pictures are back')
        self._camera_is_silent = silent

    def _on_info(self, message: CameraInfo) -> None:
        values = self.parameters
        try:
            self._camera = camera_from_message(
                message, values.camera, np.array(values.camera_position),
                np.array(values.camera_orientation),
            )
        except InvalidValueError as error:
            self._refuse(error)

    def _on_color(self, message: Image) -> None:
        if self._listening:
            self._on_pair(self._pairing.add_color(convert.seconds(message.header.stamp), message))

    def _on_depth(self, message: Image) -> None:
        if self._listening:
            self._on_pair(self._pairing.add_depth(convert.seconds(message.header.stamp), message))

    def _on_pair(self, pair: tuple[Image, Image] | None) -> None:
        if pair is None or self._camera is None:
            return
        self._last_picture = time.monotonic()
        self._newest.append(pair)
        self._arrived.trigger()

    def _look(self) -> None:
        if not (self._newest and self._listening and self._camera):
            return
        pair = self._newest.pop()
        if not self._rate_limit.admits(time.monotonic()):
            return
        try:
            self._process(*pair, self._camera)
        except InvalidValueError as error:
            self._refuse(error)

    def _process(self, color: Image, depth: Image, camera: CameraModel) -> None:
        begin = time.monotonic()
        picture = RgbdPicture(
            convert.seconds(color.header.stamp), camera, color_from_message(color),
            depth_from_message(depth),
        )
        self._scene = scene = self._estimator.update(picture)
        self._scenes.publish(convert.scene_to_message(scene))
        if self._drawings.get_subscription_count():  # large, and slow where nobody looks
            drawing = annotate(picture.color, camera, scene)
            self._drawings.publish(image_message(drawing, 'rgb8', color.header))
        self._markers.publish(scene_markers(scene))
        self._problem = ''
        self._processing_time = time.monotonic() - begin

    def _refuse(self, error: InvalidValueError) -> None:
        self._problem = f'picture refused: {error}'
        self.get_logger().error(self._problem, throttle_duration_sec=5.0)


def main() -> None:
    """Runs the node."""
    let_others_go_first()
    sys.exit(run_node(PerceptionNode))
