"""The ROS side of the bridge: decodes requests, encodes states; decides nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import ClassVar

from rclpy._rclpy_pybind11 import RCLError
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from std_srvs.srv import SetBool, Trigger

from franka_bridge.arm import ArmError, ArmState
from franka_bridge.bridge_parameters import BridgeParameters
from franka_bridge.control_loop import ControlLoop
from franka_bridge.franky_arm import connect_arm
from franka_bridge.gripper_thread import GripperThread
from franka_bridge.hand import Hand, connect_gripper
from franka_bridge.inputs import BridgeInputs
from franka_bridge.loop_thread import StillRunningError
from franka_bridge.outputs import BridgeOutputs
from franka_bridge.scheduling import InvalidSchedulingError
from vls_core.control.limiter import Reference
from vls_core.control.watchdog import TransitionError
from vls_core.types import InvalidValueError
from vls_ros.heartbeat import HeartbeatPublisher
from vls_ros.lifecycle import SetupError, VlsNode, run_node

_GIL_SWITCH_INTERVAL = 0.001  # s; Python's 5 ms would be a whole control period


class BridgeNode(VlsNode):
    """Life-cycle node around a ControlLoop."""

    parameters_class: ClassVar[type] = BridgeParameters
    parameters: BridgeParameters

    def __init__(self) -> None:
        super().__init__('franka_bridge')
        self._loop: ControlLoop | None = None
        self._gripper: GripperThread | None = None
        self._outputs = BridgeOutputs(self, self.parameters)
        self._inputs = BridgeInputs(self, self.parameters, lambda: self._loop)
        self._heartbeat = HeartbeatPublisher(self)
        self.create_timer(1.0 / self.parameters.status_rate, self._publish_status)
        self._serve(SetBool, 'arm', self._arm_or_disarm)
        self._serve(Trigger, 'estop', lambda _: self._running_loop().stop())
        self._serve(Trigger, 'recover', lambda _: self._running_loop().recover())
        self._serve(Trigger, 'home', lambda _: self._running_loop().home())

    # --- life cycle ---

    def setup(self) -> None:
        """Connects to the arm and the gripper."""
        values, address = self.parameters, self.parameters.robot_ip
        try:
            settings, arm_settings = values.loop_settings(), values.arm_settings()
            gripper_settings = values.gripper_settings()
        except InvalidValueError as error:
            raise SetupError(f'parameters: {error}') from error
        try:
            arm = connect_arm(address, values.realtime, values.connect_timeout, arm_settings)
            def hand() -> Hand:
                return connect_gripper(address, values.connect_timeout)

            self._gripper = GripperThread(
                hand(), gripper_settings, self._on_gripper_fault, reconnect=hand
            )
            self._loop = ControlLoop(arm, self._gripper, settings, self._publish_state)
            self._inputs.tell(self._loop)
        except ArmError as error:
            raise SetupError(_how_to_connect(address, error)) from error

    def start(self) -> None:
        """Begins to publish states; arms if `auto_arm` is set."""
        try:
            self._loop.start()
        except (InvalidSchedulingError, StillRunningError) as error:
            # The life cycle keeps silent about it, and lets go of nothing.
            self.get_logger().error(f'cannot start: {error}')
            self.teardown()
            raise
        self.get_logger().info(
            f'connected to {self.parameters.robot_ip}'
            + (', dry run: nothing is sent to the arm' if self.parameters.dry_run else '')
        )
        if self.parameters.auto_arm:
            try:
                self._arm()
            except (TransitionError, ArmError) as error:
                self.get_logger().error(f'cannot arm: {error}')
        for refused in self._loop.status.scheduling:
            self.get_logger().warning(refused)

    def halt(self) -> None:
        """Brings the arm to rest."""
        try:
            self._loop.close()
        except ArmError as error:
            self.get_logger().error(f'while stopping: {error}')

    def teardown(self) -> None:
        """Lets go of the arm and the gripper."""
        if self._gripper is not None:
            self._gripper.close()
        self._loop = self._gripper = None

    def health(self) -> tuple[bool, str, dict[str, object]]:
        """State and counters of the control loop."""
        if self._loop is None:
            return False, 'not connected', {}
        status, timing = self._loop.status, self._loop.timing
        values: dict[str, object] = {
            'state': status.state.name,
            'mode': self.parameters.mode,
            'reward program': status.program or 'none',
            'chunk age [s]': round(status.chunk_age, 3),
            'accepted chunks': status.accepted_chunks,
            'refused chunks': status.refused_chunks,
            'starvations': status.starvations,
            'limited references': status.limited_references,
            'command success rate': round(status.command_success_rate, 3),
        }
        values |= {f'refused: {name}': count for name, count in status.refusals.items()}
        values |= {f'violation: {name}': count for name, count in status.violations.items()}
        if timing is not None:
            values['reference jitter p50 p95 p99 max [ms]'] = (
                f'{timing.p50:.2f} {timing.p95:.2f} {timing.p99:.2f} {timing.maximum:.2f}'
            )
            values['missed periods'] = timing.missed_periods
        values |= {f'not granted {at}': why for at, why in enumerate(status.scheduling, 1)}
        return not status.state.latched, status.reason or status.state.name.lower(), values

    # --- services ---

    def _serve(
        self, kind: type, name: str, handle: Callable[[SetBool.Request | Trigger.Request], None]
    ) -> None:
        # A group each: `estop` must get through while `home` is under way.
        def answer(request: object, response: object) -> object:
            try:
                handle(request)
                response.success = True
                response.message = self._running_loop().status.state.name
            except (TransitionError, ArmError) as error:
                self.get_logger().warning(f'{name}: {error}')
                response.success, response.message = False, str(error)
            return response

        self.create_service(
            kind,
            f'franka_bridge/{name}',
            answer,
            callback_group=MutuallyExclusiveCallbackGroup(),
        )

    def _arm_or_disarm(self, request: SetBool.Request) -> None:
        if not request.data:
            self._running_loop().disarm()
            return
        self._arm()

    def _arm(self) -> None:
        loop, operator = self._running_loop(), self._inputs.operator
        if not loop.running:
            raise TransitionError('cannot arm: the bridge is not active; activate it first')
        if operator is not None and not operator.alive:
            raise TransitionError('cannot arm: no operator_heartbeat is heard')
        loop.arm()

    def _running_loop(self) -> ControlLoop:
        if self._loop is None:
            raise TransitionError('the bridge is not connected: configure and activate it first')
        return self._loop

    def _on_gripper_fault(self, reason: str) -> None:
        self.get_logger().error(reason)
        if self._loop is not None:
            self._loop.fault(reason)

    # --- out ---

    def _publish_state(self, state: ArmState, reference: Reference | None) -> None:
        try:
            self._outputs.publish_state(state, reference, self._gripper.width)
        except RCLError:
            if self.context.ok():  # else shutting down: the loop goes on until the arm rests
                raise

    def _publish_status(self) -> None:
        if self._loop is not None:
            self._inputs.look_for_rivals()
            self._outputs.publish_status(self._loop.status)


def _how_to_connect(address: str, error: ArmError) -> str:
    return (
        f'no robot at robot_ip "{address}" ({error}). Check that the robot is powered, its brakes '
        'are open and FCI is activated in Desk, that this computer reaches it over the network '
        f'(ping), and that nothing else controls it; `vls doctor --robot-ip {address}` says more; '
        'without a robot, start with sim:=true'
    )


def main() -> None:
    """Runs the node as a process."""
    sys.setswitchinterval(_GIL_SWITCH_INTERVAL)
    sys.exit(run_node(BridgeNode))
