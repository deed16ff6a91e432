"""The node on real DDS, with a peer that plays the camera and the rest of the stack."""

import os
import subprocess
import sys
import threading
import time
import uuid

import numpy as np
import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header
from visualization_msgs.msg import Marker, MarkerArray
from vls_interfaces import msg as messages

from vls_core.grounding.annotate import SCALE
from vls_core.grounding.camera import DEMO_FRONT_CAMERA
from vls_perception_node.perception_node import (
    COLOR_TOPIC,
    DEPTH_TOPIC,
    INFO_TOPIC,
    PerceptionNode,
)
from vls_ros import convert, qos
from vls_ros.executor import PatientExecutor
from vls_ros.images import camera_info_message, image_message
from vls_ros.parameters import UnknownParameterError

CUBE = (0.45, -0.1, 0.02)


class Peer:
    """Shows a camera's pictures to the node and keeps what comes back."""

    def __init__(self, namespace):
        self.node = rclpy.create_node('peer', namespace=namespace)
        create = self.node.create_publisher
        self._info = create(CameraInfo, f'front_camera/{INFO_TOPIC}', qos.CAMERA)
        self._color = create(Image, f'front_camera/{COLOR_TOPIC}', qos.CAMERA)
        self._depth = create(Image, f'front_camera/{DEPTH_TOPIC}', qos.CAMERA)
        self.scenes, self.drawings, self.markers = [], [], []
        self.node.create_subscription(Image, 'annotated_image', self.drawings.append, qos.CAMERA)
        self.node.create_subscription(
            MarkerArray, 'scene_markers', self.markers.append, qos.STATUS)

    def listen_late(self):
        self.node.create_subscription(
            messages.Scene, 'scene', self.scenes.append, qos.LATCHED)

    def show(self, color, depth, encoding='16UC1'):
        header = Header(stamp=self.node.get_clock().now().to_msg(), frame_id='optical')
        self._info.publish(camera_info_message(DEMO_FRONT_CAMERA, header))
        self._color.publish(image_message(color, 'rgb8', header))
        self._depth.publish(image_message(depth, encoding, header))


class World:
    """The node under test and its peer in a namespace of their own."""

    def __init__(self, executor=None, **parameters):
        namespace = f'/test_{uuid.uuid4().hex[:12]}'
        self.node = PerceptionNode(namespace=namespace, parameter_overrides=[
            Parameter(name, value=value) for name, value in parameters.items()
        ])
        self.peer = Peer(namespace)
        self._executor = executor or SingleThreadedExecutor()
        self._executor.add_node(self.node)
        self._executor.add_node(self.peer.node)

    def spin_until(self, done, action=lambda: None, timeout=60.0):
        """Repeats an action, 20 times per second, until something holds."""
        limit, due = time.monotonic() + timeout, 0.0
        while not done():
            assert time.monotonic() < limit, 'timed out'
            if time.monotonic() >= due:
                action()
                due = time.monotonic() + 0.05
            self._executor.spin_once(timeout_sec=0.02)

    def close(self):
        self._executor.shutdown()
        self.node.destroy_node()
        self.peer.node.destroy_node()


@pytest.fixture(scope='module', autouse=True)
def ros():
    rclpy.init()
    yield
    rclpy.try_shutdown()


@pytest.fixture
def make_world():
    worlds = []

    def make(**parameters):
        worlds.append(World(**parameters))
        return worlds[-1]

    yield make
    for world in worlds:
        world.close()


@pytest.fixture(scope='module')
def picture(photograph):
    return photograph(DEMO_FRONT_CAMERA, CUBE)


def test_a_pair_of_pictures_becomes_a_scene_that_waits_for_late_subscribers(make_world, picture):
    world = make_world()
    assert world.node.bring_up()
    peer = world.peer
    world.spin_until(lambda: peer.drawings and peer.markers, lambda: peer.show(*picture))
    peer.listen_late()
    world.spin_until(lambda: peer.scenes)  # no more pictures: the last scene was latched
    message = peer.scenes[0]
    assert message.header.frame_id == 'fr3_link0'
    assert message.detector == 'colour segmentation'
    scene = convert.scene_from_message(message)
    assert scene.names == ('red cube',)
    assert np.linalg.norm(scene['red cube'].center - CUBE) < 0.01
    assert [key.name for key in scene['red cube'].keypoints] == ['center', 'top']
    assert scene['red cube'].last_seen == pytest.approx(scene.stamp)
    drawing = peer.drawings[-1]
    assert (drawing.width, drawing.height, drawing.encoding) == (640 * SCALE, 480 * SCALE, 'rgb8')
    kinds = [marker.type for marker in peer.markers[-1].markers[1:]]
    assert kinds == [Marker.CUBE, Marker.TEXT_VIEW_FACING]
    good, said, values = world.node.health()
    assert good and values['objects seen'] == 'red cube', said


def test_where_the_camera_stands_is_a_parameter(make_world, picture):
    moved = DEMO_FRONT_CAMERA.position + (0.0, 0.1, 0.0)
    world = make_world(camera_position=moved.tolist())
    assert world.node.bring_up()
    world.peer.listen_late()
    world.spin_until(lambda: world.peer.scenes, lambda: world.peer.show(*picture))
    center = convert.scene_from_message(world.peer.scenes[-1])['red cube'].center
    assert np.linalg.norm(center - (np.array(CUBE) + (0.0, 0.1, 0.0))) < 0.01


@pytest.mark.parametrize(('spoil', 'said'), [
    (lambda color, depth: (color, depth[::2, ::2]), 'depth must be aligned to colour'),
    (lambda color, depth: (color[:, ::2], depth), 'colour picture: expected'),
    (lambda color, depth: (color, depth, 'mono16'), 'must be 16UC1'),
])
def test_pictures_that_do_not_fit_are_refused_and_named(make_world, picture, spoil, said):
    world = make_world()
    assert world.node.bring_up()
    world.peer.listen_late()
    world.spin_until(
        lambda: said in world.node.health()[1], lambda: world.peer.show(*spoil(*picture)))
    assert not world.node.health()[0]
    assert not world.peer.scenes
    world.spin_until(lambda: world.peer.scenes, lambda: world.peer.show(*picture))
    assert world.node.health()[0]


def test_a_silent_camera_is_a_warning_until_it_is_back(make_world, picture):
    world = make_world(camera_timeout=0.5)
    assert world.node.bring_up()
    world.spin_until(lambda: not world.node.health()[0])
    assert 'no picture' in world.node.health()[1]
    world.spin_until(lambda: world.node.health()[0], lambda: world.peer.show(*picture))


def test_a_deactivated_node_is_silent_until_it_is_activated_again(make_world, picture):
    world = make_world()
    assert world.node.bring_up()
    world.spin_until(lambda: world.peer.drawings, lambda: world.peer.show(*picture))
    world.node.trigger_deactivate()
    before = len(world.peer.drawings)
    shown = []
    world.spin_until(
        lambda: len(shown) > 5, lambda: shown.append(world.peer.show(*picture)))
    assert len(world.peer.drawings) <= before + 1  # one may have been under way
    world.node.trigger_activate()
    world.spin_until(
        lambda: len(world.peer.drawings) > before + 1, lambda: world.peer.show(*picture))


def test_a_busy_node_goes_on_with_the_newest_pictures(make_world, picture, monkeypatch):
    world = make_world(executor=PatientExecutor(4), rate=60.0)
    assert world.node.bring_up()
    estimator = world.node._estimator
    understand, stamps, resume = estimator.update, [], threading.Event()

    def slowly(picture):
        stamps.append(picture.stamp)
        resume.wait(60.0)
        return understand(picture)

    monkeypatch.setattr(estimator, 'update', slowly)
    world.spin_until(lambda: stamps, lambda: world.peer.show(*picture))

    def newest_stamp():
        pairs = [*world.node._newest]
        return convert.seconds(pairs[-1][0].header.stamp) if pairs else 0.0

    world.spin_until(lambda: newest_stamp() > stamps[0] + 0.1,
                     lambda: world.peer.show(*picture))
    newest = newest_stamp()
    resume.set()
    world.spin_until(lambda: len(stamps) > 1)
    assert stamps[1] >= newest  # those in between are left out


def test_an_unknown_parameter_is_refused(make_world):
    with pytest.raises(UnknownParameterError, match='camera_positon'):
        make_world(camera_positon=[0.0, 0.0, 1.0])


@pytest.mark.parametrize('wrong', [
    {'camera_position': [0.0, 1.0]}, {'camera_orientation': [0.0, 0.0, 0.0, 2.0]},
    {'objects_file': '/nowhere.yaml'},
])
def test_wrong_values_keep_the_node_from_starting(make_world, wrong):
    assert not make_world(**wrong).node.bring_up()


def test_the_process_ends_with_what_to_mend(tmp_path):
    path = tmp_path / 'mine.yaml'
    path.write_text('objects: []')
    result = subprocess.run(
        [sys.executable, '-c', 'from vls_perception_node.perception_node import main; main()',
         '--ros-args', '-p', f'objects_file:={path}'],
        capture_output=True, text=True, timeout=60, env=dict(os.environ), check=False,
    )
    assert result.returncode == 1
    assert 'mine.yaml: the file: workspace is missing' in result.stderr
    assert 'Traceback' not in result.stderr
