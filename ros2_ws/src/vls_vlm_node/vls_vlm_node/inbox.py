"""What the node has last heard, as values of the core; filled by subscriptions, read by tasks."""

from __future__ import annotations

import threading
import time
from collections import deque

import cv2
import numpy as np
from sensor_msgs.msg import CameraInfo, Image
from vls_interfaces import msg as messages

from vls_core.types import InvalidValueError, Scene
from vls_core.vlm.author import View
from vls_ros import convert
from vls_ros.images import camera_from_message, color_from_message
from vls_vlm_node.world import (
    BridgeReport,
    BridgeState,
    SteeringReport,
    SteeringState,
    World,
)

PICTURES = 10
"""Annotated images that are kept, to find the one of a scene."""
SAME_TIME = 1e-4
"""Stamps closer than this are of the same picture [s]."""


class Inbox:
    """The newest scene, picture and reports. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._more_pictures = threading.Condition(self._lock)
        self._scene: Scene | None = None
        self._bridge: BridgeReport | None = None
        self._steering: SteeringReport | None = None
        self._pictures: deque[Image] = deque(maxlen=PICTURES)
        self._plain: Image | None = None
        self._calibration: CameraInfo | None = None

    def world(self) -> World:
        """What is known now about the outside; the rest is the task owner's to add."""
        with self._lock:
            return World(scene=self._scene, bridge=self._bridge, steering=self._steering)

    def picture(self) -> bytes | None:
        """The last annotated image as PNG. Raises InvalidValueError for what is no picture."""
        with self._lock:
            image = self._pictures[-1] if self._pictures else None
        return None if image is None else to_png(image)

    def picture_of(self, scene: Scene, patience: float) -> bytes | None:
        """The annotated image a scene was seen in, as PNG; None if it is not there.

        Args:
            patience: how long it may take to arrive, as it comes after its scene [s].

        Raises:
            InvalidValueError: it is no picture.
        """
        with self._lock:
            self._more_pictures.wait_for(lambda: self._find(scene.stamp) is not None, patience)
            image = self._find(scene.stamp)
        return None if image is None else to_png(image)

    def _find(self, stamp: float) -> Image | None:
        same = (image for image in reversed(self._pictures)
                if abs(convert.seconds(image.header.stamp) - stamp) < SAME_TIME)
        return next(same, None)

    def view(self, name: str, position: np.ndarray, quaternion: np.ndarray) -> View | None:
        """The last picture without names, from a camera that is mounted there.

        Raises:
            InvalidValueError: picture or calibration make no sense.
        """
        with self._lock:
            image, calibration = self._plain, self._calibration
        if image is None or calibration is None:
            return None
        camera = camera_from_message(calibration, name, position, quaternion)
        return View(color_from_message(image), camera)

    def take_scene(self, message: messages.Scene) -> None:
        """Raises vls_core.types.InvalidValueError."""
        scene = convert.scene_from_message(message)
        with self._lock:
            self._scene = scene

    def take_picture(self, message: Image) -> None:
        """Keeps the message; it is encoded only when an author needs it."""
        with self._lock:
            self._pictures.append(message)
            self._more_pictures.notify_all()

    def take_plain_picture(self, message: Image) -> None:
        """Keeps the message, of the same camera as `take_calibration`."""
        with self._lock:
            self._plain = message

    def take_calibration(self, message: CameraInfo) -> None:
        """Keeps the message."""
        with self._lock:
            self._calibration = message

    def take_bridge_status(self, message: messages.BridgeStatus) -> None:
        """Raises ValueError for a state this version does not know."""
        report = BridgeReport(
            time.monotonic(), BridgeState(message.state), message.reason, message.dry_run
        )
        with self._lock:
            self._bridge = report

    def take_steering_status(self, message: messages.SteeringStatus) -> None:
        """Raises ValueError for a state this version does not know."""
        report = SteeringReport(
            received=time.monotonic(),
            program_id=message.program_id,
            state=SteeringState(message.state),
            stage=message.stage,
            stage_count=message.stage_count,
            stage_name=message.stage_name,
            reward=message.reward,
            latency=message.latency,
            gate_reason=message.gate_reason,
        )
        with self._lock:
            self._steering = report


def to_png(image: Image) -> bytes:
    """PNG of a colour image. Raises InvalidValueError for what is none."""
    written, encoded = cv2.imencode('.png', color_from_message(image)[:, :, ::-1])
    if not written:
        raise InvalidValueError('OpenCV could not encode a picture as PNG')
    return encoded.tobytes()
