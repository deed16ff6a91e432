"""Scenes as markers for rviz."""

from __future__ import annotations

from geometry_msgs.msg import Vector3
from std_msgs.msg import ColorRGBA, Header
from visualization_msgs.msg import Marker, MarkerArray

from vls_core.types import BASE_FRAME, ObjectKind, Scene, SceneObject
from vls_ros import convert

_COLOURS = {
    ObjectKind.GRASPABLE: (0.2, 0.8, 0.3),
    ObjectKind.SURFACE: (0.3, 0.5, 1.0),
    ObjectKind.OBSTACLE: (1.0, 0.3, 0.2),
}
_SEEN, _HIDDEN = 0.5, 0.2
_TEXT_HEIGHT = 0.025


def scene_markers(scene: Scene) -> MarkerArray:
    """A box and a name for every object, by kind; fainter while an object is hidden."""
    header = Header(stamp=convert.stamp(scene.stamp), frame_id=BASE_FRAME)
    markers = [Marker(header=header, action=Marker.DELETEALL)]
    for number, item in enumerate(scene.objects):
        opacity = _SEEN if item.last_seen >= scene.stamp else _HIDDEN
        markers += [_box(header, number, item, opacity), _label(header, number, item)]
    return MarkerArray(markers=markers)


def _box(header: Header, number: int, item: SceneObject, opacity: float) -> Marker:
    red, green, blue = _COLOURS[item.kind]
    x, y, z = item.extent.tolist()
    marker = Marker(
        header=header, ns='objects', id=number, type=Marker.CUBE, scale=Vector3(x=x, y=y, z=z),
        color=ColorRGBA(r=red, g=green, b=blue, a=opacity),
    )
    marker.pose.position = convert.point(item.center)
    return marker


def _label(header: Header, number: int, item: SceneObject) -> Marker:
    marker = Marker(
        header=header, ns='names', id=number, type=Marker.TEXT_VIEW_FACING, text=item.name,
        scale=Vector3(z=_TEXT_HEIGHT), color=ColorRGBA(r=1.0, g=1.0, b=1.0, a=1.0),
    )
    marker.pose.position = convert.point(item.top + (0.0, 0.0, _TEXT_HEIGHT))
    return marker
