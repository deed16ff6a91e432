"""An arm in memory that follows perfectly, and fails on request: no physics, for faults only."""

import numpy as np

from franka_bridge.arm import ArmError, ArmState
from vls_core.control import fr3
from vls_core.control.gripper_logic import GripperOutcome


class MemoryArm:
    """Follows perfectly unless told otherwise."""

    def __init__(self, position=fr3.HOME_JOINT_POSITIONS):
        self.time = 100.0
        self.position = np.array(position)
        self.velocity = np.zeros(7)
        self.tracking = self.blocked = self.lost = self.user_stop = False
        self.error = ''
        self.reflex = None
        self.refused_recoveries = 0
        self.stops = 0
        self.sent = []
        self.while_starting = lambda: None

    def read(self):
        if self.lost:
            raise ArmError('connection lost')
        return ArmState(
            self.time, self.position.copy(), self.velocity.copy(), self.error, self.user_stop
        )

    def start_tracking(self):
        self.while_starting()
        self.tracking = True

    def track(self, reference, measured):
        if self.reflex is not None:
            raise self.reflex
        self.sent.append(reference)
        if not self.blocked:
            self.position = reference.position.copy()
            self.velocity = reference.velocity.copy()

    def stop_tracking(self):
        self.tracking = False
        self.velocity = np.zeros(7)

    def stop(self):
        self.tracking = False
        self.velocity = np.zeros(7)
        self.stops += 1

    def recover(self):
        if self.refused_recoveries:
            self.refused_recoveries -= 1
            raise ArmError('the arm does not recover: joint_reflex')
        self.error, self.reflex, self.user_stop = '', None, False


class RecordingGripper:
    """Remembers what it was told."""

    width = 0.08
    holding = False
    failure = ''
    last_outcome = GripperOutcome.OPENED

    def __init__(self):
        self.commands = []
        self.cancelled = 0

    def command(self, command):
        self.commands.append(command)

    def drop_queued(self):
        pass

    def cancel(self):
        self.cancelled += 1

    def revive(self):
        if self.failure:
            raise ArmError(self.failure)

    def wait_until_idle(self, timeout):
        return True
