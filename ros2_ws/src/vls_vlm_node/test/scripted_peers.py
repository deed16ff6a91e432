"""The stack as the vlm node sees it, scripted: perception, bridge, policy and operator."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from action_msgs.msg import GoalStatus
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.action import ActionClient
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.executors import Executor
from rclpy.node import Node
from rclpy.task import Future
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header
from table_scene import table_scene
from vls_interfaces.action import RunTask
from vls_interfaces.msg import BridgeStatus, RewardProgram, StageProposal, SteeringStatus
from vls_interfaces.msg import Scene as SceneMessage

from vls_core.grounding.camera import DEMO_FRONT_CAMERA
from vls_core.types import Scene
from vls_ros.convert import scene_to_message
from vls_ros.images import camera_info_message, image_message
from vls_ros.qos import CAMERA, LATCHED, STATUS

LONGEST_WAIT = 60.0
"""A condition that is not met after this makes the test fail [s]."""


def wait_for(condition: Any, what: str = 'condition') -> None:
    """Waits until the condition holds. Raises TimeoutError."""
    deadline = time.monotonic() + LONGEST_WAIT
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.005)


class ScriptedPeers(Node):
    """Publishes scene, bridge status and, once a program is there, steering status.

    Attributes:
        scene: what perception sees; None: it is silent.
        bridge_state, bridge_reason: what the bridge reports; None: it is silent.
        policy_state: what the policy reports about the present program; None: it is silent.
        programs: every RewardProgram received.
        proposals: every StageProposal received.
        reports: every report of the vlm node on /diagnostics.
    """

    def __init__(self, namespace: str) -> None:
        super().__init__('scripted_peers', namespace=namespace)
        self.scene: Scene | None = table_scene()
        self.bridge_state: int | None = BridgeStatus.ARMED
        self.bridge_reason = ''
        self.policy_state: int | None = SteeringStatus.SUCCEEDED
        self.programs: list[RewardProgram] = []
        self.proposals: list[StageProposal] = []
        self.reports: list[DiagnosticStatus] = []
        self._lock = threading.Lock()
        self._scenes = self.create_publisher(SceneMessage, 'scene', LATCHED)
        self._pictures = self.create_publisher(Image, 'annotated_image', CAMERA)
        self._plain = self.create_publisher(Image, 'front_camera/color/image_raw', CAMERA)
        self._calibration = self.create_publisher(
            CameraInfo, 'front_camera/color/camera_info', CAMERA
        )
        self._bridge = self.create_publisher(BridgeStatus, 'bridge_status', STATUS)
        self._steering = self.create_publisher(SteeringStatus, 'steering_status', STATUS)
        self.create_subscription(
            StageProposal, 'stage_proposal', self.proposals.append, STATUS
        )
        self.create_subscription(RewardProgram, 'reward_program', self.programs.append, LATCHED)
        self.create_subscription(DiagnosticArray, '/diagnostics', self._on_diagnostics, STATUS)
        self._action = ActionClient(
            self, RunTask, 'run_task', callback_group=ReentrantCallbackGroup()
        )
        self.create_timer(0.05, self._publish)

    @property
    def heard(self) -> bool:
        """Whether the node listens to everything that is published here."""
        return all(publisher.get_subscription_count() > 0
                   for publisher in (self._scenes, self._bridge, self._steering))

    def run(self, instruction: str, **values: Any) -> OperatorsTask:
        """Sends a task; it must be accepted."""
        assert self._action.wait_for_server(LONGEST_WAIT)
        goal = RunTask.Goal(instruction=instruction, **values)
        return OperatorsTask(self._action, goal, self.executor)

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name == f'{self.get_namespace()}/vlm'.lstrip('/'):
                self.reports.append(status)

    @property
    def diagnostics(self) -> DiagnosticStatus | None:
        """The last report of the vlm node."""
        return self.reports[-1] if self.reports else None

    def _publish(self) -> None:
        now = self.get_clock().now().to_msg()
        if self.scene is not None:
            message = scene_to_message(self.scene)
            message.header.stamp = now
            self._scenes.publish(message)
        camera = DEMO_FRONT_CAMERA
        picture = image_message(
            np.zeros((camera.height // 4, camera.width // 4, 3), np.uint8), 'rgb8',
            Header(stamp=now),
        )
        self._pictures.publish(picture)
        self._plain.publish(picture)
        self._calibration.publish(camera_info_message(camera, Header()))
        if self.bridge_state is not None:
            self._bridge.publish(
                BridgeStatus(state=self.bridge_state, reason=self.bridge_reason)
            )
        program = self.programs[-1] if self.programs else RewardProgram()
        if program.stages and self.policy_state is not None:
            self._steering.publish(SteeringStatus(
                program_id=program.program_id, state=self.policy_state,
                stage=1, stage_count=len(program.stages), stage_name=program.stages[1].name,
                reward=-0.25, latency=0.1,
            ))


class OperatorsTask:
    """A task the operator sent.

    The executor asks, as it takes the answers: rclpy loses one that comes before it has noted the
    question.
    """

    def __init__(self, action: ActionClient, goal: RunTask.Goal, executor: Executor) -> None:
        self.feedback: list[RunTask.Feedback] = []
        self._executor = executor
        sending = self._ask(lambda: action.send_goal_async(
            goal, lambda message: self.feedback.append(message.feedback)
        ))
        wait_for(sending.done, 'the answer to the goal')
        self._handle = sending.result()
        self.accepted = self._handle.accepted
        self._result = self._ask(self._handle.get_result_async) if self.accepted else None

    def _ask(self, ask: Callable[[], Future]) -> Future:
        asking = self._executor.create_task(ask)
        wait_for(asking.done, 'the executor')
        return asking.result()

    @property
    def phases(self) -> list[str]:
        """Phases in the order of the feedback; the first may be missing.

        rclpy drops the feedback that comes before it has noted the answer to the goal.
        """
        return list(dict.fromkeys(item.phase for item in self.feedback))

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self._result.done()

    def cancel(self) -> None:
        """Asks for cancellation."""
        asking = self._ask(self._handle.cancel_goal_async)
        wait_for(asking.done, 'the answer to the cancellation')

    def result(self) -> RunTask.Result:
        """Waits for the end."""
        wait_for(self._result.done, 'the result')
        return self._result.result().result

    @property
    def status(self) -> int:
        """Of the ended goal, see GoalStatus."""
        return self._result.result().status

    @property
    def succeeded(self) -> bool:
        """Whether the goal's status says so."""
        return self.status == GoalStatus.STATUS_SUCCEEDED
