"""Quality of service, one profile per class of data (REP 2003 for sensors)."""

from rclpy.duration import Duration
from rclpy.qos import (
    DurabilityPolicy,
    HistoryPolicy,
    QoSProfile,
    ReliabilityPolicy,
    qos_profile_sensor_data,
)

CAMERA = qos_profile_sensor_data
"""Images: best effort, a late picture is worth nothing."""

STATE = QoSProfile(
    history=HistoryPolicy.KEEP_LAST, depth=1, reliability=ReliabilityPolicy.BEST_EFFORT
)
"""Joint states and poses at the rate of the bridge: only the newest counts."""

STATUS = QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE)
"""Status, diagnostics and markers."""

LATCHED = QoSProfile(
    depth=1, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL
)
"""Scenes and reward programs: a node that starts late still gets the last one."""


def action_chunk(lifespan: float) -> QoSProfile:
    """Reliable, depth 1; a chunk older than lifespan [s], its own length, is never delivered."""
    return QoSProfile(
        depth=1, reliability=ReliabilityPolicy.RELIABLE, lifespan=Duration(seconds=lifespan)
    )
