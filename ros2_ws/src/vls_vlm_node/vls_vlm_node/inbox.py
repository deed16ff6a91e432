"""What the node has last heard, as values of the core; filled by subscriptions, read by tasks."""

from __future__ import annotations

import threading
import time

import cv2
import numpy as np
from sensor_msgs.msg import Image
from vls_interfaces import msg as messages

from vls_core.types import Scene
from vls_ros import convert
from vls_vlm_node.world import (
    BridgeReport,
    BridgeState,
    SteeringReport,
    SteeringState,
    World,
)


class Inbox:
    """The newest scene, picture and reports. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._scene: Scene | None = None
        self._bridge: BridgeReport | None = None
        self._steering: SteeringReport | None = None
        self._picture: Image | None = None

    def world(self) -> World:
        """What is known now about the outside; the rest is the task owner's to add."""
        with self._lock:
            return World(scene=self._scene, bridge=self._bridge, steering=self._steering)

    def picture(self) -> bytes | None:
        """The last annotated image as PNG. Raises ValueError for an encoding other than rgb8."""
        with self._lock:
            image = self._picture
        return None if image is None else to_png(image)

    def take_scene(self, message: messages.Scene) -> None:
        """Raises vls_core.types.InvalidValueError."""
        scene = convert.scene_from_message(message)
        with self._lock:
            self._scene = scene

    def take_picture(self, message: Image) -> None:
        """Keeps the message; it is encoded only when an author needs it."""
        with self._lock:
            self._picture = message

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
    """PNG of an rgb8 image. Raises ValueError for another encoding or a wrong size."""
    if image.encoding != 'rgb8':
        raise ValueError(f'annotated_image: expected encoding rgb8, got "{image.encoding}"')
    rows = np.frombuffer(image.data, np.uint8).reshape(image.height, image.step)
    colour = rows[:, : image.width * 3].reshape(image.height, image.width, 3)
    return cv2.imencode('.png', colour[:, :, ::-1])[1].tobytes()
