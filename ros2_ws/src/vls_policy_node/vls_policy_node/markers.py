"""The present plan as rviz markers."""

from __future__ import annotations

from builtin_interfaces.msg import Time
from rclpy.duration import Duration
from std_msgs.msg import ColorRGBA
from visualization_msgs.msg import Marker, MarkerArray

from vls_core.steering.planned_chunk import PlannedChunk
from vls_core.types import BASE_FRAME
from vls_ros import convert

STEERED = ColorRGBA(r=0.1, g=0.8, b=0.3, a=1.0)
UNSTEERED = ColorRGBA(r=0.6, g=0.6, b=0.6, a=1.0)


def plan_markers(planned: PlannedChunk, stamp: Time) -> MarkerArray:
    """The way of the end effector, green when steered and grey when not, and why in words."""
    color = STEERED if planned.steering.strength > 0 else UNSTEERED
    positions = planned.chunk.targets[:, :3]
    line = _marker(stamp, 0, Marker.LINE_STRIP, color)
    line.points = [convert.point(position) for position in positions]
    line.scale.x = 0.006
    text = _marker(stamp, 1, Marker.TEXT_VIEW_FACING, color)
    text.pose.position = convert.point(positions[-1] + [0.0, 0.0, 0.06])
    text.scale.z = 0.025
    text.text = f'reward {planned.steering.reward:.3f} m\n{planned.steering.reason}'
    return MarkerArray(markers=[line, text])


def _marker(stamp: Time, number: int, kind: int, color: ColorRGBA) -> Marker:
    marker = Marker(ns='plan', id=number, type=kind, action=Marker.ADD, color=color)
    marker.header.frame_id = BASE_FRAME
    marker.header.stamp = stamp
    marker.pose.orientation.w = 1.0
    marker.lifetime = Duration(seconds=2.0).to_msg()
    return marker
