"""Node `sim`: a simulated FR3 with cameras; the stack meets it where it would meet the robot."""

from __future__ import annotations

import array
import sys
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.duration import Duration
from rclpy.publisher import Publisher
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header
from vls_interfaces.srv import ResetEpisode, ScoreEpisode

from vls_core.grounding.camera import DEMO_FRONT_CAMERA, DEMO_WRIST_CAMERA, CameraModel
from vls_ros.lifecycle import SetupError, VlsNode, run_node
from vls_ros.parameters import parameter
from vls_ros.qos import CAMERA
from vls_sim.camera_renderer import RendererUnavailableError, RgbdImage
from vls_sim.camera_stream import CameraStream
from vls_sim.episode import ArmInTheWayError, Episode
from vls_sim.protocol_server import DEFAULT_ADDRESS, AddressInUseError, ProtocolServer
from vls_sim.scene_layout import UnknownShiftError
from vls_sim.scene_model import build_simulator

SLOW_REAL_TIME_FACTOR = 0.8


@dataclass(frozen=True)
class Parameters:
    """Parameters of the node."""

    address: str = parameter(
        DEFAULT_ADDRESS, 'loopback address on which the simulated robot listens'
    )
    seed: int = parameter(0, 'seed of the first layout', 0, 2**32 - 1)
    shift: str = parameter(
        'none', 'shift of the first layout: none, moved_object, moved_target, obstacle or '
        'other_target'
    )
    front_camera_rate: float = parameter(
        5.0, 'pictures per second of the fixed camera [Hz]', 0.1, 60.0
    )
    wrist_camera_rate: float = parameter(
        2.0, 'pictures per second of the camera on the hand [Hz]', 0.1, 60.0
    )
    realtime_priority: int = parameter(
        20, 'FIFO priority of the control loop, where the system allows it; 0: ordinary', 0, 99
    )
    depth_noise: float = parameter(
        0.0, 'standard deviation of depth at 1 m, grows with the square of depth [m]', 0.0, 0.1
    )


class SimNode(VlsNode):
    """Serves the robot's protocol, publishes the cameras, resets and scores episodes."""

    parameters_class = Parameters
    parameters: Parameters

    def __init__(self) -> None:
        super().__init__('sim')
        self._resources = ExitStack()
        self._stream: CameraStream | None = None

    def setup(self) -> None:
        """Starts the robot and lays out the scene."""
        values = self.parameters
        self._resources = ExitStack()
        try:
            self._server = self._resources.enter_context(
                ProtocolServer(build_simulator()[0], values.address, values.realtime_priority)
            )
            self._episode = Episode(self._server, values.seed, values.shift)
        except (AddressInUseError, UnknownShiftError, ArmInTheWayError) as error:
            raise SetupError(str(error)) from error
        group = MutuallyExclusiveCallbackGroup()
        self._episode_services = [
            self.create_service(
                ResetEpisode, 'sim/reset_episode', self._reset, callback_group=group
            ),
            self.create_service(
                ScoreEpisode, 'sim/score_episode', self._score, callback_group=group
            ),
        ]
        self._outputs = {
            camera.name: self._camera_outputs(camera.name)
            for camera in (DEMO_FRONT_CAMERA, DEMO_WRIST_CAMERA)
        }
        self._start_stream()
        self._resources.callback(self._destroy_entities)
        self._server.start()
        if values.realtime_priority and not self._server.realtime:
            self.get_logger().info(
                'no right to real-time priority (ulimit -r): the simulated robot may run slower '
                'than the clock on a loaded computer'
            )
        self.get_logger().info(
            f'simulated robot on {values.address}; {self._episode.layout.instruction}'
        )

    def teardown(self) -> None:
        """Ends the cameras and the robot."""
        self._resources.close()

    def health(self) -> tuple[bool, str, dict[str, object]]:
        """Whether the simulation keeps up with the clock."""
        if self._stream is None:
            return True, 'not started', {}
        failure = self._server.failure or self._stream.failure
        factor = self._server.real_time_factor
        values = {
            'real_time_factor': round(factor, 3),
            'realtime_priority': self._server.realtime,
            'client_connected': self._server.client_connected,
        }
        if failure is not None:
            return False, f'the simulation has ended: {failure}', values
        if 0.0 < factor < SLOW_REAL_TIME_FACTOR:
            return False, f'the simulation runs at {factor:.2f} of real time', values
        return True, 'running', values

    def _start_stream(self) -> None:
        rates = {
            DEMO_FRONT_CAMERA: self.parameters.front_camera_rate,
            DEMO_WRIST_CAMERA: self.parameters.wrist_camera_rate,
        }
        try:
            self._stream = CameraStream(
                self._server, rates, self._publish, self.parameters.depth_noise,
                wanted=self._is_looked_through,
            )
        except RendererUnavailableError as error:
            raise SetupError(str(error)) from error
        self._resources.callback(self._stream.stop)

    def _destroy_entities(self) -> None:
        for service in self._episode_services:
            self.destroy_service(service)
        for outputs in self._outputs.values():
            for publisher in outputs:
                self.destroy_publisher(publisher)

    def _camera_outputs(self, name: str) -> tuple[Publisher, Publisher, Publisher]:
        return (
            self.create_publisher(Image, f'{name}/color/image_raw', CAMERA),
            self.create_publisher(Image, f'{name}/aligned_depth_to_color/image_raw', CAMERA),
            self.create_publisher(CameraInfo, f'{name}/color/camera_info', CAMERA),
        )

    def _is_looked_through(self, camera: CameraModel) -> bool:
        return any(item.get_subscription_count() for item in self._outputs[camera.name])

    def _publish(self, camera: CameraModel, image: RgbdImage, age: float) -> None:
        stamp = (self.get_clock().now() - Duration(seconds=age)).to_msg()
        header = Header(stamp=stamp, frame_id=camera.optical_frame)
        colour, depth, info = self._outputs[camera.name]
        colour.publish(_image_message(image.colour, 'rgb8', header))
        depth.publish(_image_message(image.depth, '16UC1', header))
        info.publish(_camera_info(camera, header))

    def _reset(
        self, request: ResetEpisode.Request, response: ResetEpisode.Response
    ) -> ResetEpisode.Response:
        try:
            layout = self._episode.reset(request.seed, request.shift)
        except (UnknownShiftError, ArmInTheWayError) as error:
            response.success, response.message = False, str(error)
            return response
        response.success = True
        response.message = f'seed {layout.seed}, shift {layout.shift}'
        response.instruction = layout.instruction
        return response

    def _score(
        self, _request: ScoreEpisode.Request, response: ScoreEpisode.Response
    ) -> ScoreEpisode.Response:
        score = self._episode.score()
        for name in ('success', 'placed', 'released', 'obstacle_upset', 'placement_error'):
            setattr(response, name, getattr(score, name))
        response.message = score.message
        return response


def _image_message(pixels: np.ndarray, encoding: str, header: Header) -> Image:
    return Image(
        header=header, height=pixels.shape[0], width=pixels.shape[1], encoding=encoding,
        is_bigendian=int(sys.byteorder == 'big'),
        step=pixels.dtype.itemsize * int(np.prod(pixels.shape[1:])),
        data=array.array('B', pixels.tobytes()),
    )


def _camera_info(camera: CameraModel, header: Header) -> CameraInfo:
    matrix = camera.intrinsic_matrix
    return CameraInfo(
        header=header, height=camera.height, width=camera.width, distortion_model='plumb_bob',
        d=[0.0] * 5, k=matrix.ravel(), r=np.eye(3).ravel(),
        p=np.hstack([matrix, np.zeros((3, 1))]).ravel(),
    )


def main() -> None:
    """Entry point of `sim`."""
    sys.exit(run_node(SimNode))


if __name__ == '__main__':
    main()
