"""The topics of the stack: who publishes what. rviz and the documentation obey it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """One topic; names are relative to the namespace of the stack.

    Attributes:
        name: of the topic.
        type: ROS type, e.g. sensor_msgs/msg/Image.
        publisher: node; on hardware realsense_camera takes the place of sim.
        reliable: reliability offered.
        latched: transient local: a late subscriber gets the last message.
        description: one sentence.
    """

    name: str
    type: str
    publisher: str
    reliable: bool
    latched: bool
    description: str


def _camera(name: str, what: str) -> tuple[Topic, ...]:
    return (
        Topic(f'{name}/color/image_raw', 'sensor_msgs/msg/Image', 'sim', False, False,
              f'{what}, rgb8'),
        Topic(f'{name}/aligned_depth_to_color/image_raw', 'sensor_msgs/msg/Image', 'sim', False,
              False, f'depth of {what}, 16UC1, millimetres, aligned to the colour picture'),
        Topic(f'{name}/color/camera_info', 'sensor_msgs/msg/CameraInfo', 'sim', False, False,
              f'intrinsics of {what}'),
    )


TOPIC_TABLE = (
    *_camera('front_camera', 'the fixed camera'),
    *_camera('wrist_camera', 'the camera on the hand'),
    Topic('joint_states', 'sensor_msgs/msg/JointState', 'franka_bridge', False, False,
          'seven joints and two fingers'),
    Topic('end_effector_pose', 'geometry_msgs/msg/PoseStamped', 'franka_bridge', False, False,
          'fr3_hand_tcp in fr3_link0'),
    Topic('external_wrench', 'geometry_msgs/msg/WrenchStamped', 'franka_bridge', False, False,
          'force and torque at fr3_hand_tcp, along its axes, as the robot estimates them'),
    Topic('heartbeat', 'std_msgs/msg/Header', 'franka_bridge', True, False,
          'the bridge lives, 10 Hz'),
    Topic('bridge_status', 'vls_interfaces/msg/BridgeStatus', 'franka_bridge', True, False,
          'state of the bridge, 10 Hz'),
    Topic('scene', 'vls_interfaces/msg/Scene', 'perception', True, True,
          'named objects with keypoints'),
    Topic('annotated_image', 'sensor_msgs/msg/Image', 'perception', False, False,
          'the picture with names and keypoints drawn in, for the language model and for you'),
    Topic('scene_markers', 'visualization_msgs/msg/MarkerArray', 'perception', True, False,
          'the scene, for rviz'),
    Topic('reward_program', 'vls_interfaces/msg/RewardProgram', 'vlm', True, True,
          'the task at hand; without stages: none'),
    Topic('stage_proposal', 'vls_interfaces/msg/StageProposal', 'vlm', True, False,
          'what a model believes about the stage at work; it moves nothing'),
    Topic('action_chunk', 'vls_interfaces/msg/ActionChunk', 'policy', True, False,
          'what to do next, 16 steps at 15 Hz'),
    Topic('steering_status', 'vls_interfaces/msg/SteeringStatus', 'policy', True, False,
          'how the last chunk came about'),
    Topic('steering_markers', 'visualization_msgs/msg/MarkerArray', 'policy', True, False,
          'the present plan, for rviz'),
)
