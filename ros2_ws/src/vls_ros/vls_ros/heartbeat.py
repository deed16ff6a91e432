"""Saying that one lives, and noticing when somebody else does not any more.

nav2 uses `bond` for this, which is not on PyPI. A heartbeat needs nothing to be agreed on and no
library on the other side: anything that publishes a `std_msgs/Header` often enough, with its name
as frame_id, keeps a watch content, whatever its quality of service. Publishers of this module also
promise liveliness and a deadline, so that tools can watch them without reading a message.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.clock import Clock, ClockType
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.qos import HistoryPolicy, LivelinessPolicy, QoSProfile, ReliabilityPolicy
from std_msgs.msg import Header

_MISSED_BEATS = 3.0  # of the publisher that are no promise broken yet
_LOOKS_PER_TIMEOUT = 5.0
_ANYBODY = QoSProfile(
    history=HistoryPolicy.KEEP_LAST, depth=1, reliability=ReliabilityPolicy.BEST_EFFORT
)


def heartbeat_qos(period: float) -> QoSProfile:
    """What a publisher promises that beats once per period [s]."""
    patience = Duration(seconds=_MISSED_BEATS * period)
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=1,
        reliability=ReliabilityPolicy.RELIABLE,
        deadline=patience,
        liveliness=LivelinessPolicy.MANUAL_BY_TOPIC,
        liveliness_lease_duration=patience,
    )


class HeartbeatPublisher:
    """Says that a node lives while its executor has a thread to spare, whatever else is busy.

    The stamp is on the clock of the node; the beats are not, simulated time may stand still.

    Args:
        node: whose full name goes out.
        topic: relative to its namespace.
        period: between two beats [s].
    """

    def __init__(self, node: Node, topic: str = 'heartbeat', period: float = 0.1) -> None:
        self._node = node
        self._name = node.get_fully_qualified_name()
        self._publisher = node.create_publisher(Header, topic, heartbeat_qos(period))
        self._timer = node.create_timer(
            period, self._beat, MutuallyExclusiveCallbackGroup(),
            clock=Clock(clock_type=ClockType.STEADY_TIME),
        )

    def _beat(self) -> None:
        stamp = self._node.get_clock().now().to_msg()
        self._publisher.publish(Header(stamp=stamp, frame_id=self._name))

    def close(self) -> None:
        """Falls silent."""
        self._node.destroy_timer(self._timer)
        self._node.destroy_publisher(self._publisher)


class HeartbeatWatch:
    """Notices when a peer falls silent, once, and when it is back.

    A peer that was never heard is not missed, unless it is required. Callbacks come from the
    node's executor, one at a time.

    Args:
        node: to listen with.
        topic: relative to its namespace.
        timeout: silence that counts as lost [s].
        on_lost: called once for each loss.
        on_back: called when a lost peer is heard again.
        clock: monotonic time [s]; stamps of messages are not believed.
        peer: full name of the node that counts; empty for whoever beats on the topic.
        required: the peer is missed from the start.
    """

    def __init__(
        self,
        node: Node,
        topic: str,
        timeout: float,
        on_lost: Callable[[], None],
        on_back: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
        peer: str = '',
        required: bool = False,
    ) -> None:
        self._node, self._timeout, self._peer = node, timeout, peer
        self._on_lost, self._on_back, self._clock = on_lost, on_back, clock
        self._heard = False
        self._lost = False
        self._awaited_since = clock() if required else None
        group = MutuallyExclusiveCallbackGroup()
        self._subscription = node.create_subscription(
            Header, topic, self._on_beat, _ANYBODY, callback_group=group
        )
        self._timer = node.create_timer(
            timeout / _LOOKS_PER_TIMEOUT, self.check, group,
            clock=Clock(clock_type=ClockType.STEADY_TIME),
        )

    @property
    def alive(self) -> bool:
        """Whether the peer was heard within the timeout."""
        return self._heard and not self._silent()

    def check(self) -> None:
        """Looks whether the peer has fallen silent; the node's executor does so often enough."""
        if self._silent() and not self._lost:
            self._lost = True
            self._on_lost()

    def close(self) -> None:
        """Stops watching."""
        self._node.destroy_timer(self._timer)
        self._node.destroy_subscription(self._subscription)

    def _silent(self) -> bool:
        since = self._awaited_since
        return since is not None and self._clock() - since > self._timeout

    def _on_beat(self, message: Header) -> None:
        if self._peer and message.frame_id != self._peer:
            return
        self.check()  # a gap that ends now was one all the same
        self._heard, self._awaited_since = True, self._clock()
        if self._lost:
            self._lost = False
            self._on_back()
