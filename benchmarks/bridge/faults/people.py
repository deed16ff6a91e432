"""What people do, and what they must not be able to do."""

from __future__ import annotations

from benchmarks.bridge.bridge_process import wait_for
from benchmarks.bridge.faults.fault import Fault
from benchmarks.bridge.faults.rig import FaultRig
from vls_core.control.watchdog import BridgeState


def _emergency_stop(rig: FaultRig) -> None:
    rig.must(rig.client.ask('estop'))


def _arming_after_a_stop(rig: FaultRig) -> None:
    rig.must(rig.client.ask('estop'))
    answer = rig.client.ask('arm', True)
    if answer.success or 'recover' not in answer.message:
        raise AssertionError(f'arming was not refused: {answer.message}')
    rig.refusal = answer.message


def _recovery_alone(rig: FaultRig) -> None:
    rig.must(rig.client.ask('estop'))
    rig.must(rig.client.ask('recover'))
    rig.client.wait_for_state(BridgeState.IDLE)
    refused = rig.client.status.refused_chunks
    wait_for(lambda: rig.client.status.refused_chunks > refused, 'chunks to be refused')
    rig.refusal = rig.client.status.reason


def _disarming(rig: FaultRig) -> None:
    rig.must(rig.client.ask('arm', False))


def _operator_leaves(rig: FaultRig) -> None:
    rig.operator.close()


PEOPLE = (
    Fault('e-stop', 'service estop in mid-chunk', _emergency_stop, BridgeState.ESTOP, 'operator'),
    Fault('arming after an e-stop', 'service arm without recover', _arming_after_a_stop,
          BridgeState.ESTOP, 'recover'),
    Fault('chunks after a recovery', 'estop, recover, and the policy never stops sending',
          _recovery_alone, BridgeState.IDLE, 'call arm first', 'TransitionError'),
    Fault('disarming in motion', 'service arm with false', _disarming, BridgeState.IDLE),
    Fault('operator leaves', 'operator_heartbeat ends', _operator_leaves, BridgeState.ESTOP,
          'heartbeat', parameters={'operator_timeout': 0.2}, restarts=True),
)
