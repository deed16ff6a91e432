"""What is late, silent, doubled or gone: policies, networks, robots, the bridge itself."""

from __future__ import annotations

import signal
from dataclasses import replace

import numpy as np

from benchmarks.bridge.bridge_process import wait_for
from benchmarks.bridge.faults.fault import Fault
from benchmarks.bridge.faults.rig import FaultRig
from benchmarks.bridge.faults.stream import SwingingPolicy
from vls_core.control.watchdog import BridgeState
from vls_core.types import ActionChunk
from vls_ros import convert


def _policy_dies(rig: FaultRig) -> None:
    rig.policy.stop()


def _policy_pauses(rig: FaultRig) -> None:
    rig.policy.stop()
    rig.client.wait_for_state(BridgeState.STARVED)
    rig.policy.start()


def _rival(rig: FaultRig) -> None:
    refused = rig.client.status.refused_chunks
    rival = SwingingPolicy(rig.client)
    try:
        rival.start()
        wait_for(lambda: rig.client.status.refused_chunks > refused + 2, 'refusals')
        rig.refusal = rig.client.status.reason
        rig.client.wait_for_state(BridgeState.STARVED)
    finally:
        rig.policy.stop()
        rival.close()


def _storm(rig: FaultRig) -> None:
    rig.policy.stop()
    accepted = rig.client.status.accepted_chunks

    def flood() -> bool:
        rig.policy.publish(convert.chunk_to_message(rig.policy.next_chunk()))
        return rig.client.status.accepted_chunks > accepted + 100

    wait_for(flood, '100 chunks at 100 a second')
    rig.policy.resume()


def _offset(chunk: ActionChunk) -> ActionChunk:
    shifted = np.array(chunk.targets)
    shifted[:, 6] += 0.25
    return replace(chunk, targets=shifted)


def _jump(rig: FaultRig) -> None:
    rig.policy.change = _offset


def _late(rig: FaultRig) -> None:
    rig.policy.delay = 0.3


def _robot_freezes(rig: FaultRig) -> None:
    rig.judge.pause()
    rig.client.wait_for_state(BridgeState.FAULT)
    rig.judge.resume()


def _robot_vanishes(rig: FaultRig) -> None:
    rig.judge.kill()


def _bridge_killed(rig: FaultRig) -> None:
    rig.bridge.send(signal.SIGKILL)


def _bridge_ends(rig: FaultRig) -> None:
    rig.bridge.send(signal.SIGTERM)


def _bridge_freezes(rig: FaultRig) -> None:
    rig.bridge.send(signal.SIGSTOP)
    wait_for(rig.rested, 'the judge to stop the arm of a frozen bridge')
    rig.bridge.send(signal.SIGCONT)


SILENCE = (
    Fault('policy dies', 'chunks end', _policy_dies, BridgeState.STARVED),
    Fault('policy pauses', 'chunks end, and come again once the arm holds', _policy_pauses,
          BridgeState.TRACKING, goes_on=True),
    Fault('two policies', 'a second publisher on action_chunk', _rival, BridgeState.STARVED,
          'publishers', 'RivalPublishersError'),
    Fault('chunk storm', '100 chunks a second', _storm, BridgeState.TRACKING, goes_on=True),
    Fault('jump', 'from one chunk to the next all targets jump by 0.25 rad', _jump,
          BridgeState.TRACKING, goes_on=True),
    Fault('late chunks', 'every chunk arrives 0.3 s after its observation', _late,
          BridgeState.TRACKING, goes_on=True),
    Fault('joint states stop', 'the robot is frozen (SIGSTOP)', _robot_freezes,
          BridgeState.FAULT, 'stood still', 'StaleStateError', restarts=True),
    Fault('network is lost', 'the robot is gone (SIGKILL)', _robot_vanishes, BridgeState.FAULT,
          restarts=True, goes_on=True),
    Fault('bridge is killed', 'SIGKILL', _bridge_killed, None, restarts=True,
          robot_stops=True),
    Fault('bridge is ended', 'SIGTERM', _bridge_ends, None, restarts=True),
    Fault('bridge freezes', 'SIGSTOP until the robot has stopped the arm, then SIGCONT',
          _bridge_freezes, BridgeState.FAULT, 'communication_constraints_violation',
          restarts=True, robot_stops=True),
)
