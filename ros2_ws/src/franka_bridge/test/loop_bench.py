"""A control loop driven by hand, on the arm in memory: time passes in `run` only."""

import threading

import numpy as np
from memory_arm import MemoryArm, RecordingGripper

from franka_bridge.arm import ArmError
from franka_bridge.control_loop import ControlLoop
from franka_bridge.loop_settings import LoopSettings
from vls_core.control.watchdog import TransitionError
from vls_core.types import ActionChunk, TargetKind

PERIOD = 0.005
STEP = 1 / 15


class Bench:
    """A loop, its arm, its gripper and its clock."""

    def __init__(self, **settings):
        self.arm, self.gripper, self.now = MemoryArm(), RecordingGripper(), 50.0
        self.references = []
        self.loop = ControlLoop(
            self.arm,
            self.gripper,
            LoopSettings(**{'dry_run': False, **settings}),
            listener=lambda state, reference: self.references.append(reference),
            clock=lambda: self.now,
        )
        self.sequence = 0

    def run(self, duration, robot_speed=1.0):
        for _ in range(round(duration / PERIOD)):
            self.now += PERIOD
            self.arm.time += PERIOD * robot_speed
            self.loop.cycle()

    def send(self, offset=0.05, horizon=16, gripper=1.0, age=0.0):
        self.sequence += 1
        offsets = np.linspace(0.0, offset, horizon)[:, None] * np.eye(7)[6]
        self.loop.accept(
            ActionChunk(self.now - age, STEP, self.sequence, self.arm.position + offsets,
                        np.full(horizon, gripper), TargetKind.JOINT_POSITION)
        )

    def home(self):
        """Calls `home` as a service would, and lets time pass until it has answered."""
        errors = []

        def call():
            try:
                self.loop.home()
            except (ArmError, TransitionError) as error:
                errors.append(error)

        caller = threading.Thread(target=call)
        caller.start()
        while caller.is_alive():
            self.run(PERIOD)
        if errors:
            raise errors[0]

    @property
    def state(self):
        return self.loop.status.state
