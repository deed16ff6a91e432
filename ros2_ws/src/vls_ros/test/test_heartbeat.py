"""A silent peer is noticed once, a returning one too, and nothing else counts as silence."""

import threading
import time
import uuid

import pytest
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.context import Context
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.executors import MultiThreadedExecutor, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import LivelinessPolicy, QoSProfile, qos_profile_sensor_data
from std_msgs.msg import Header

from vls_ros.heartbeat import HeartbeatPublisher, HeartbeatWatch, heartbeat_qos

LONGEST_WAIT = 30.0
TIMEOUT = 0.5


class Bench:
    """Nodes, an executor that turns while a test waits, and a clock that the test turns."""

    def __init__(self):
        self.context = Context()
        self.context.init(domain_id=74)
        self.executor = SingleThreadedExecutor(context=self.context)
        self.namespace = f'/test_{uuid.uuid4().hex[:12]}'
        self.nodes = []
        self.now = 50.0
        self.events = []

    def node(self, name):
        self.nodes.append(Node(name, context=self.context, namespace=self.namespace))
        self.executor.add_node(self.nodes[-1])
        return self.nodes[-1]

    def watch(self, **kwargs):
        return HeartbeatWatch(
            self.node('watch'), 'heartbeat', TIMEOUT, lambda: self.events.append('lost'),
            lambda: self.events.append('back'), lambda: self.now, **kwargs,
        )

    def spin_until(self, condition):
        end = time.monotonic() + LONGEST_WAIT
        while not condition():
            assert time.monotonic() < end
            self.executor.spin_once(timeout_sec=0.02)

    def beats(self, watch, count=3):
        """Lets that many beats come in."""
        heard, before = [], watch._on_beat

        def counting(message):
            before(message)
            heard.append(message)

        watch._subscription.callback = counting
        self.spin_until(lambda: len(heard) >= count)
        watch._subscription.callback = before
        return heard

    def close(self):
        self.executor.shutdown()
        for node in self.nodes:
            node.destroy_node()
        self.context.try_shutdown()


@pytest.fixture
def bench():
    item = Bench()
    yield item
    item.close()


def test_a_beating_peer_is_alive_and_says_its_name(bench):
    peer = HeartbeatPublisher(bench.node('peer'), period=0.02)
    watch = bench.watch()
    assert not watch.alive
    heard = bench.beats(watch)
    assert watch.alive
    assert heard[0].frame_id == f'{bench.namespace}/peer'
    assert heard[0].stamp.sec > 0
    peer.close()


def test_a_silent_peer_is_lost_once_and_back_when_it_beats_again(bench):
    peer = HeartbeatPublisher(bench.node('peer'), period=0.02)
    watch = bench.watch()
    bench.beats(watch)
    peer.close()
    bench.now += 1.01 * TIMEOUT
    bench.spin_until(lambda: bench.events)
    assert not watch.alive
    for _ in range(3):
        watch.check()
    assert bench.events == ['lost']
    HeartbeatPublisher(bench.node('peer_again'), period=0.02)
    bench.spin_until(lambda: len(bench.events) > 1)
    assert bench.events == ['lost', 'back']
    assert watch.alive


def test_silence_within_the_timeout_is_no_loss(bench):
    peer = HeartbeatPublisher(bench.node('peer'), period=0.02)
    watch = bench.watch()
    bench.beats(watch)
    peer.close()
    bench.now += 0.99 * TIMEOUT
    watch.check()
    assert bench.events == []
    assert watch.alive


def test_a_gap_counts_even_if_nobody_looked_while_it_lasted(bench):
    HeartbeatPublisher(bench.node('peer'), period=0.02)
    watch = bench.watch()
    bench.beats(watch)
    watch._timer.cancel()
    bench.now += 2.0 * TIMEOUT
    bench.beats(watch)
    assert bench.events == ['lost', 'back']


def test_a_peer_that_was_never_heard_is_missed_only_if_required(bench):
    optional, required = bench.watch(), bench.watch(required=True)
    bench.now += 100.0
    optional.check()
    assert bench.events == []
    required.check()
    assert bench.events == ['lost']
    assert not optional.alive
    assert not required.alive


def test_others_on_the_same_topic_do_not_count_as_the_peer(bench):
    HeartbeatPublisher(bench.node('someone_else'), period=0.02)
    watch = bench.watch(peer=f'{bench.namespace}/peer')
    bench.beats(watch)
    assert not watch.alive
    HeartbeatPublisher(bench.node('peer'), period=0.02)
    bench.spin_until(lambda: watch.alive)


@pytest.mark.parametrize('profile', [QoSProfile(depth=1), qos_profile_sensor_data])
def test_any_publisher_may_be_a_heartbeat(bench, profile):
    watch = bench.watch()
    node = bench.node('plain')
    publisher = node.create_publisher(Header, 'heartbeat', profile)
    node.create_timer(0.02, lambda: publisher.publish(Header(frame_id='a hand on a button')))
    bench.spin_until(lambda: watch.alive)


def test_a_closed_watch_says_nothing_more(bench):
    bench.watch(required=True).close()
    witnessed = []
    HeartbeatWatch(
        bench.node('witness'), 'heartbeat', TIMEOUT, lambda: witnessed.append(True),
        clock=lambda: bench.now, required=True,
    )
    bench.now += 100.0
    bench.spin_until(lambda: witnessed)
    assert bench.events == []


def test_its_liveliness_and_deadline_are_promised_and_kept_until_it_falls_silent(bench):
    changes, missed = [], []
    profile = heartbeat_qos(0.1)
    assert profile.liveliness is LivelinessPolicy.MANUAL_BY_TOPIC
    bench.node('tool').create_subscription(
        Header, 'heartbeat', lambda message: None, profile,
        event_callbacks=SubscriptionEventCallbacks(
            liveliness=lambda info: changes.append((info.alive_count, info.not_alive_count)),
            deadline=missed.append,
        ),
    )
    peer = HeartbeatPublisher(bench.node('peer'))
    bench.spin_until(lambda: (1, 0) in changes)
    peer._timer.cancel()  # the publisher is still there, but says nothing
    bench.spin_until(lambda: (0, 1) in changes and missed)


def test_a_node_beats_while_another_of_its_callbacks_is_busy(bench):
    release, busy = threading.Event(), threading.Event()
    node = bench.node('peer')
    bench.executor.remove_node(node)
    executor = MultiThreadedExecutor(2, context=bench.context)
    executor.add_node(node)

    def block():
        busy.set()
        assert release.wait(LONGEST_WAIT)

    node.create_timer(0.001, block, callback_group=MutuallyExclusiveCallbackGroup())
    HeartbeatPublisher(node, period=0.02)
    thread = threading.Thread(target=executor.spin)
    thread.start()
    assert busy.wait(LONGEST_WAIT)
    watch = bench.watch()
    bench.beats(watch)
    assert watch.alive
    release.set()
    executor.shutdown()
    thread.join(LONGEST_WAIT)
