"""Parameters of the bridge and what they mean for the control loop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from franka_bridge.following.joint_velocity import ACCELERATION_SHARE
from franka_bridge.following.mode import FollowMode
from franka_bridge.franky_arm import ArmSettings
from franka_bridge.gripper_settings import GripperSettings
from franka_bridge.loop_settings import LoopSettings
from franka_bridge.scheduling import SchedulingRequest
from vls_core.control import fr3
from vls_core.control.chunk_rules import ChunkRules
from vls_core.control.collisions import Box, CollisionRules
from vls_core.control.envelope import EnvelopeRules
from vls_core.control.grasp import GraspRules
from vls_core.control.limit_scales import LimitScales
from vls_core.control.robot_limits import robot_limits
from vls_core.control.speed_zones import SpeedZones, people_height_zone
from vls_core.types import InvalidValueError
from vls_ros.parameters import parameter

_LOWER = tuple(float(value) for value in fr3.DEFAULT_WORKSPACE.lower)
_UPPER = tuple(float(value) for value in fr3.DEFAULT_WORKSPACE.upper)
_BOX = 6  # numbers per obstacle: centre and size


@dataclass(frozen=True)
class BridgeParameters:
    """What can be set from outside."""

    robot_ip: str = parameter('127.0.0.1', 'address of the robot, or of the simulated one')
    robot_type: str = parameter('fr3', 'whose limits hold: fr3 or panda')
    mode: str = parameter(
        'joint_impedance',
        'how references become motion: joint_impedance, joint_velocity or cartesian_impedance',
    )
    dry_run: bool = parameter(True, 'compute and publish references, send nothing to the arm')
    auto_arm: bool = parameter(False, 'arm as soon as the node is active')
    connect_timeout: float = parameter(5.0, 'wait for the robot to answer [s]', 0.5, 60.0)

    reference_rate: float = parameter(200.0, 'references per second [Hz]', 50.0, 1000.0)
    state_rate: float = parameter(200.0, 'joint states per second [Hz]', 1.0, 1000.0)
    transform_rate: float = parameter(30.0, 'transforms per second [Hz]', 1.0, 200.0)
    status_rate: float = parameter(10.0, 'bridge_status messages per second [Hz]', 0.5, 50.0)
    realtime: bool = parameter(True, 'insist on a real-time kernel, as a real robot needs')
    priority: int = parameter(0, 'FIFO priority of the reference thread; 0 leaves it', 0, 99)
    cpus: tuple[int, ...] = parameter((-1,), 'processors for the reference thread; -1 for any')
    lock_memory: bool = parameter(False, 'keep the process out of the swap space')

    velocity_scale: float = parameter(
        0.3, "share of the robot's joint and end-effector velocity limits", 0.01, 0.95
    )
    acceleration_scale: float = parameter(
        0.3, "share of the robot's acceleration limits", 0.01, 0.95
    )
    jerk_scale: float = parameter(0.3, "share of the robot's jerk limits", 0.01, 0.95)
    torque_rate_scale: float = parameter(
        0.3, "share of the robot's torque rate that a jerk may take", 0.01, 0.95
    )
    home_speed: float = parameter(0.2, 'share of full speed on the way home', 0.01, 0.8)

    dead_man_time: float = parameter(
        0.15, 'a chunk counts as run out this long after its last step [s]', 0.01, 1.0
    )
    state_timeout: float = parameter(
        0.25, 'a robot whose state stands still this long is a fault [s]', 0.05, 5.0
    )
    operator_timeout: float = parameter(
        0.0, 'stop when operator_heartbeat is silent this long [s]; 0 needs none', 0.0, 5.0
    )
    blend_duration: float = parameter(0.15, 'time a newer chunk takes to take over [s]', 0.02, 0.5)
    maximum_chunk_age: float = parameter(
        1.0, 'age of the observation behind a chunk when it arrives [s]', 0.05, 5.0
    )
    maximum_jump: float = parameter(
        0.5, 'between two steps of a chunk, per joint [rad]', 0.05, 2.0
    )

    leash: float = parameter(0.2, 'between reference and measured joint [rad]', 0.02, 1.0)
    joint_margin: float = parameter(0.02, 'to the joint limits [rad]', 0.0, 0.3)
    workspace_lower: tuple[float, ...] = parameter(_LOWER, 'lower corner x y z [m]')
    workspace_upper: tuple[float, ...] = parameter(_UPPER, 'upper corner x y z [m]')
    table_height: float = parameter(0.0, 'of the plane no link may touch [m]', -2.0, 2.0)
    self_collision_margin: float = parameter(0.01, 'between links [m]', 0.0, 0.2)
    obstacle_margin: float = parameter(0.02, 'between links and obstacles [m]', 0.0, 0.5)
    obstacles: tuple[float, ...] = parameter(
        (0.0,) * _BOX, 'boxes in the way: centre x y z, size x y z of each [m]; size 0 is none'
    )
    scene_obstacles: bool = parameter(
        False, 'also stay clear of what the scene calls an obstacle'
    )
    people_height: float = parameter(
        10.0, 'above this height the end effector goes slowly [m]', 0.0, 10.0
    )
    people_speed: float = parameter(0.25, 'how slowly [m/s]', 0.02, 2.0)
    collision_torque: float = parameter(
        30.0, 'external torque at which the robot stops [Nm]', 5.0, 80.0
    )
    collision_force: float = parameter(
        40.0, 'external force at which the robot stops [N]', 5.0, 100.0
    )

    gripper_force: float = parameter(30.0, 'grasping force [N]', 1.0, 70.0)
    gripper_timeout: float = parameter(5.0, 'wait for the gripper to finish [s]', 1.0, 30.0)
    minimum_grasp_width: float = parameter(
        0.005, 'a grasp that closes further holds nothing [m]', 0.0, 0.08
    )
    maximum_grasp_width: float = parameter(
        0.078, 'a grasp that stays wider holds nothing [m]', 0.0, 0.08
    )

    def loop_settings(self) -> LoopSettings:
        """The control loop's part. Raises vls_core.types.InvalidValueError."""
        workspace = fr3.WorkspaceBox(
            np.array(self.workspace_lower), np.array(self.workspace_upper)
        )
        return LoopSettings(
            rate=self.reference_rate,
            dead_man_time=self.dead_man_time,
            state_timeout=self.state_timeout,
            home_speed=self.home_speed,
            dry_run=self.dry_run,
            limits=robot_limits(self.robot_type),
            scales=self._scales(),
            chunk_rules=ChunkRules(
                workspace=workspace,
                maximum_jump=self.maximum_jump,
                maximum_age=self.maximum_chunk_age,
                blend_duration=self.blend_duration,
            ),
            envelope_rules=EnvelopeRules(
                workspace=workspace,
                leash=self.leash,
                joint_margin=self.joint_margin,
                speeds=self._speeds(),
                collisions=self._collisions(),
            ),
            scheduling=SchedulingRequest(
                self.priority, tuple(cpu for cpu in self.cpus if cpu >= 0), self.lock_memory
            ),
        )

    def arm_settings(self) -> ArmSettings:
        """The arm's part. Raises vls_core.types.InvalidValueError."""
        try:
            mode = FollowMode(self.mode)
        except ValueError:
            known = ', '.join(item.value for item in FollowMode)
            raise InvalidValueError(f'mode: "{self.mode}" is none of {known}') from None
        return ArmSettings(
            mode=mode,
            reference_rate=self.reference_rate,
            collision_torque=self.collision_torque,
            collision_force=self.collision_force,
            limits=robot_limits(self.robot_type),
        )

    def gripper_settings(self) -> GripperSettings:
        """The gripper's part. Raises vls_core.types.InvalidValueError."""
        return GripperSettings(
            force=self.gripper_force,
            answer_timeout=self.gripper_timeout,
            grasp=GraspRules(self.minimum_grasp_width, self.maximum_grasp_width),
        )

    def _scales(self) -> LimitScales:
        acceleration = self.acceleration_scale
        if self.mode == FollowMode.JOINT_VELOCITY.value:
            acceleration = min(acceleration, ACCELERATION_SHARE)
        return LimitScales(
            self.velocity_scale, acceleration, self.jerk_scale, self.torque_rate_scale
        )

    def _speeds(self) -> SpeedZones:
        general = self.velocity_scale * robot_limits(self.robot_type).cartesian.velocity
        return SpeedZones((people_height_zone(self.people_height, self.people_speed),), general)

    def _collisions(self) -> CollisionRules:
        return CollisionRules(
            self_margin=self.self_collision_margin,
            table_height=self.table_height,
            obstacle_margin=self.obstacle_margin,
            obstacles=self.fixed_obstacles(),
        )

    def fixed_obstacles(self) -> tuple[Box, ...]:
        """The boxes of `obstacles`. Raises vls_core.types.InvalidValueError."""
        if len(self.obstacles) % _BOX:
            raise InvalidValueError(f'obstacles: expected {_BOX} numbers for each box')
        boxes = np.array(self.obstacles).reshape(-1, _BOX)
        return tuple(
            Box(f'obstacle {number}', row[:3], row[3:])
            for number, row in enumerate(boxes, start=1)
            if row[3:].any()
        )
