"""The newest measurements, and whether they are young enough to act on."""

from __future__ import annotations

from geometry_msgs.msg import PoseStamped
from sensor_msgs.msg import JointState
from vls_interfaces import msg as messages

from vls_core.types import RobotState, Scene
from vls_ros import convert


class Observations:
    """What was heard last; filled by subscriptions."""

    def __init__(self) -> None:
        self._scene: Scene | None = None
        self._joints: JointState | None = None
        self._pose: PoseStamped | None = None

    def take_scene(self, message: messages.Scene) -> None:
        """Raises InvalidValueError or ValueError for one that makes no sense."""
        self._scene = convert.scene_from_message(message)

    def take_joints(self, message: JointState) -> None:
        """Joints of arm and fingers."""
        self._joints = message

    def take_pose(self, message: PoseStamped) -> None:
        """Of the end effector."""
        self._pose = message

    def present(self) -> tuple[RobotState, Scene]:
        """Robot and scene; only when nothing is missing. Raises InvalidValueError."""
        assert self._joints and self._pose and self._scene
        return convert.robot_state(self._joints, self._pose), self._scene

    def missing(self, now: float, robot_age: float, scene_age: float) -> str:
        """Why one cannot act now, in a sentence; empty if one can.

        Args:
            now: on the clock of the stamps [s].
            robot_age: how old the state of the robot may be [s].
            scene_age: how old the scene may be [s].
        """
        for what, message in (('joint state', self._joints), ('end-effector pose', self._pose)):
            if message is None:
                return f'no {what} yet; is the bridge running?'
            age = now - convert.seconds(message.header.stamp)
            if age > robot_age:
                return f'the {what} is {age:.1f} s old; is the bridge running?'
        if self._scene is None:
            return 'no scene yet; is perception running?'
        if now - self._scene.stamp > scene_age:
            return f'the scene is {now - self._scene.stamp:.1f} s old; is perception running?'
        return ''
