"""The camera node plays a recording made here with librealsense's software device."""

import time
import uuid

import numpy as np
import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter
from sensor_msgs.msg import CameraInfo, Image

from vls_perception_node.perception_node import COLOR_TOPIC, DEPTH_TOPIC, INFO_TOPIC
from vls_perception_node.realsense_camera import RealSenseCameraNode
from vls_perception_node.realsense_source import (
    CameraUnavailableError,
    RealSenseSource,
    SourceSettings,
)
from vls_ros import qos
from vls_ros.images import color_from_message, depth_from_message

rs = pytest.importorskip(
    'pyrealsense2', reason='needs pyrealsense2 and libusb-1.0-0', exc_type=ImportError
)

WIDTH, HEIGHT, RATE = 640, 480, 30
COLOR_FOCAL_LENGTH = 605.0
DISTANCE = 1000
COLOR = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
COLOR[180:300, 260:380] = (0, 255, 0)
DEPTH = np.full((HEIGHT, WIDTH), DISTANCE, np.uint16)


def stream(kind, pixel_format, bytes_per_pixel, focal_length, number):
    intrinsics = rs.intrinsics()
    intrinsics.width, intrinsics.height = WIDTH, HEIGHT
    intrinsics.fx = intrinsics.fy = focal_length
    intrinsics.ppx, intrinsics.ppy = WIDTH / 2, HEIGHT / 2
    intrinsics.model, intrinsics.coeffs = rs.distortion.none, [0.0] * 5
    video = rs.video_stream()
    video.type, video.fmt, video.bpp = kind, pixel_format, bytes_per_pixel
    video.index, video.uid, video.fps = 0, number, RATE
    video.width, video.height, video.intrinsics = WIDTH, HEIGHT, intrinsics
    return video


def frame(profile, pixels, bytes_per_pixel, number):
    made = rs.software_video_frame()
    made.pixels, made.bpp, made.stride = pixels, bytes_per_pixel, WIDTH * bytes_per_pixel
    made.timestamp, made.domain = number * 1000.0 / RATE, rs.timestamp_domain.hardware_clock
    made.frame_number, made.profile = number, profile.as_video_stream_profile()
    return made


@pytest.fixture(scope='module')
def recording(tmp_path_factory):
    path = tmp_path_factory.mktemp('realsense') / 'table.db3'
    device = rs.software_device()
    device.register_info(rs.camera_info.name, 'software camera')
    device.register_info(rs.camera_info.serial_number, '0001')
    depth_sensor = device.add_sensor('Stereo Module')
    color_sensor = device.add_sensor('RGB Camera')
    depth = depth_sensor.add_video_stream(stream(rs.stream.depth, rs.format.z16, 2, 385.0, 0))
    color = color_sensor.add_video_stream(
        stream(rs.stream.color, rs.format.rgb8, 3, COLOR_FOCAL_LENGTH, 1))
    depth_sensor.add_read_only_option(rs.option.depth_units, 0.001)
    same_place = rs.extrinsics()
    same_place.rotation, same_place.translation = np.eye(3).ravel().tolist(), [0.015, 0.0, 0.0]
    depth.register_extrinsics_to(color, same_place)
    device.create_matcher(rs.matchers.default)
    recorder = rs.recorder(str(path), device)
    queues = [rs.frame_queue(1), rs.frame_queue(1)]
    sensors = recorder.query_sensors()
    for sensor, queue in zip(sensors, queues, strict=True):
        sensor.open(sensor.get_stream_profiles()[0])
        sensor.start(queue)
    for number in range(1, 16):
        taken = frame(depth, DEPTH, 2, number)
        taken.depth_units = 0.001
        depth_sensor.on_video_frame(taken)
        color_sensor.on_video_frame(frame(color, COLOR, 3, number))
        for queue in queues:
            queue.wait_for_frame(5000)
    for sensor in sensors:
        sensor.stop()
        sensor.close()
    del recorder, sensors, sensor
    return str(path)


def test_a_recording_gives_depth_aligned_to_colour_and_its_calibration(recording):
    source = RealSenseSource(SourceSettings('cam', recording=recording))
    try:
        pairs = (source.read(5.0) for _ in range(10))
        color, depth = next(pair for pair in pairs if pair is not None)
        assert source.camera.fx == COLOR_FOCAL_LENGTH
        assert (source.camera.width, source.camera.height) == (WIDTH, HEIGHT)
        np.testing.assert_array_equal(color, COLOR)
        assert depth.shape == (HEIGHT, WIDTH)
        assert depth[HEIGHT // 2, WIDTH // 2] == DISTANCE
    finally:
        source.close()


def test_the_node_publishes_what_is_recorded(recording):
    rclpy.init()
    namespace = f'/test_{uuid.uuid4().hex[:12]}'
    node = RealSenseCameraNode(
        namespace=namespace, parameter_overrides=[Parameter('recording', value=recording)])
    peer = rclpy.create_node('peer', namespace=namespace)
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    executor.add_node(peer)
    received = {}
    for kind, topic in ((Image, COLOR_TOPIC), (Image, DEPTH_TOPIC), (CameraInfo, INFO_TOPIC)):
        peer.create_subscription(
            kind, f'front_camera/{topic}',
            lambda message, topic=topic: received.update({topic: message}), qos.CAMERA)
    try:
        assert node.bring_up()
        limit = time.monotonic() + 20.0
        while len(received) < 3:
            assert time.monotonic() < limit, f'only got {list(received)}'
            executor.spin_once(timeout_sec=0.1)
        assert (color_from_message(received[COLOR_TOPIC]) == COLOR).all()
        assert depth_from_message(received[DEPTH_TOPIC])[HEIGHT // 2, WIDTH // 2] == DISTANCE
        assert received[INFO_TOPIC].k[0] == COLOR_FOCAL_LENGTH
        assert received[COLOR_TOPIC].header.frame_id == 'front_camera_color_optical_frame'
        assert node.health()[0]
    finally:
        node.halt()
        node.teardown()
        executor.shutdown()
        node.destroy_node()
        peer.destroy_node()
        rclpy.try_shutdown()


def test_without_a_camera_the_message_says_what_to_do():
    message = 'serial number 123.*connected: none.*USB 3.*recording'
    with pytest.raises(CameraUnavailableError, match=message):
        RealSenseSource(SourceSettings('cam', serial='123'))


def test_the_node_does_not_start_without_a_camera(capfd):
    rclpy.init()
    node = RealSenseCameraNode()
    try:
        assert not node.bring_up()
        assert 'cannot open a RealSense' in capfd.readouterr().err
    finally:
        node.destroy_node()
        rclpy.try_shutdown()


def test_a_missing_recording_is_named():
    with pytest.raises(CameraUnavailableError, match='no recording /nowhere.db3'):
        RealSenseSource(SourceSettings('cam', recording='/nowhere.db3'))


def test_a_file_that_is_no_recording_is_named(tmp_path):
    path = tmp_path / 'text.db3'
    path.write_text('hello')
    with pytest.raises(CameraUnavailableError, match='cannot play .*text.db3'):
        RealSenseSource(SourceSettings('cam', recording=str(path)))
