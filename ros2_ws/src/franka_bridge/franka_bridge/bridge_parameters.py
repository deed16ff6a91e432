"""Parameters of the bridge and what they mean for the control loop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from franka_bridge.loop_settings import LoopSettings
from vls_core.control import fr3
from vls_core.control.chunk_clock import ChunkRules
from vls_core.control.envelope import EnvelopeRules
from vls_core.control.limiter import LimitScales
from vls_ros.parameters import parameter

_LOWER = tuple(float(value) for value in fr3.DEFAULT_WORKSPACE.lower)
_UPPER = tuple(float(value) for value in fr3.DEFAULT_WORKSPACE.upper)


@dataclass(frozen=True)
class BridgeParameters:
    """What can be set from outside."""

    robot_ip: str = parameter('127.0.0.1', 'address of the robot, or of the simulated one')
    dry_run: bool = parameter(True, 'compute and publish references, send nothing to the arm')
    auto_arm: bool = parameter(False, 'arm as soon as the node is active')
    realtime: bool = parameter(True, 'insist on a real-time kernel, as a real robot needs')
    connect_timeout: float = parameter(5.0, 'wait for the robot to answer [s]', 0.5, 60.0)
    reference_rate: float = parameter(200.0, 'references per second [Hz]', 50.0, 1000.0)
    state_rate: float = parameter(200.0, 'joint states per second [Hz]', 1.0, 1000.0)
    status_rate: float = parameter(10.0, 'bridge_status messages per second [Hz]', 0.5, 50.0)
    velocity_scale: float = parameter(0.4, "share of the robot's velocity limits", 0.01, 0.95)
    acceleration_scale: float = parameter(
        0.4, "share of the robot's acceleration limits", 0.01, 0.95
    )
    jerk_scale: float = parameter(0.1, "share of the robot's jerk limits", 0.01, 0.95)
    home_speed: float = parameter(0.2, 'share of full speed on the way home', 0.01, 0.8)
    dead_man_time: float = parameter(
        0.15, 'a chunk counts as run out this long after its last step [s]', 0.01, 1.0
    )
    blend_duration: float = parameter(0.15, 'time a newer chunk takes to take over [s]', 0.02, 0.5)
    maximum_chunk_age: float = parameter(
        1.0, 'age of the observation behind a chunk when it arrives [s]', 0.05, 5.0
    )
    maximum_jump: float = parameter(
        0.5, 'between two steps of a chunk, per joint [rad]', 0.05, 2.0
    )
    leash: float = parameter(0.2, 'between reference and measured joint [rad]', 0.02, 1.0)
    workspace_lower: tuple[float, ...] = parameter(_LOWER, 'lower corner x y z [m]')
    workspace_upper: tuple[float, ...] = parameter(_UPPER, 'upper corner x y z [m]')
    gripper_force: float = parameter(30.0, 'grasping force [N]', 1.0, 70.0)
    gripper_timeout: float = parameter(5.0, 'wait for the gripper to finish [s]', 1.0, 30.0)
    collision_torque: float = parameter(
        30.0, 'external torque at which the robot stops [Nm]', 5.0, 80.0
    )
    collision_force: float = parameter(
        40.0, 'external force at which the robot stops [N]', 5.0, 100.0
    )

    def loop_settings(self) -> LoopSettings:
        """The control loop's part. Raises vls_core.types.InvalidValueError."""
        workspace = fr3.WorkspaceBox(
            np.array(self.workspace_lower), np.array(self.workspace_upper)
        )
        return LoopSettings(
            rate=self.reference_rate,
            dead_man_time=self.dead_man_time,
            home_speed=self.home_speed,
            dry_run=self.dry_run,
            scales=LimitScales(self.velocity_scale, self.acceleration_scale, self.jerk_scale),
            chunk_rules=ChunkRules(
                workspace=workspace,
                maximum_jump=self.maximum_jump,
                maximum_age=self.maximum_chunk_age,
                blend_duration=self.blend_duration,
            ),
            envelope_rules=EnvelopeRules(workspace=workspace, leash=self.leash),
        )
