"""Chunks that must not be followed, sent in place of good ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from vls_interfaces import msg as messages

from benchmarks.bridge.bridge_process import wait_for
from benchmarks.bridge.faults.fault import Fault, Inject
from benchmarks.bridge.faults.rig import FaultRig
from vls_core.control import fr3
from vls_core.control.watchdog import BridgeState
from vls_core.types import ActionChunk, TargetKind, joint_names
from vls_ros import convert

Change = Callable[[messages.ActionChunk], None]


def instead_of_good_ones(change: Change) -> Inject:
    """The policy goes on, but all that it sends is bad, until the chunk in force runs out."""

    def inject(rig: FaultRig) -> None:
        rig.policy.stop()
        refused = rig.client.status.refused_chunks
        message = convert.chunk_to_message(rig.policy.next_chunk())
        change(message)
        rig.policy.publish(message)
        wait_for(lambda: rig.client.status.refused_chunks > refused, 'a refusal')
        rig.refusal = rig.client.status.reason

    return inject


def _bad(name: str, how: str, change: Change, reason: str, counted: str) -> Fault:
    return Fault(
        f'chunk: {name}', how, instead_of_good_ones(change), BridgeState.STARVED, reason, counted
    )


def _not_a_number(message: messages.ActionChunk) -> None:
    message.targets[3] = float('nan')


def _empty(message: messages.ActionChunk) -> None:
    message.horizon, message.targets, message.gripper = 0, [], []


def _wrong_horizon(message: messages.ActionChunk) -> None:
    message.horizon += 1


def _camera_frame(message: messages.ActionChunk) -> None:
    message.header.frame_id = 'front_camera_optical_frame'


def _panda(message: messages.ActionChunk) -> None:
    message.robot_type = 'panda'
    message.joint_names = joint_names('panda')


def _swapped_joints(message: messages.ActionChunk) -> None:
    message.joint_names = list(message.joint_names)[::-1]


def _unknown_kind(message: messages.ActionChunk) -> None:
    message.target_kind = 9


def _shift_stamp(seconds: float) -> Change:
    def change(message: messages.ActionChunk) -> None:
        message.header.stamp = convert.stamp(convert.seconds(message.header.stamp) + seconds)

    return change


def _same_number(message: messages.ActionChunk) -> None:
    message.sequence = 1


def _beyond_joint_limit(message: messages.ActionChunk) -> None:
    message.targets[0] = 3.0


def _leap(message: messages.ActionChunk) -> None:
    targets = np.array(message.targets).reshape(-1, 7)
    targets[5:, 6] += 0.9
    message.targets = targets.ravel().tolist()


def _poses(position: tuple[float, float, float]) -> Change:
    def change(message: messages.ActionChunk) -> None:
        count = message.horizon
        pose = np.concatenate([position, fr3.DOWNWARD_QUATERNION])
        chunk = ActionChunk(
            convert.seconds(message.header.stamp), message.step_duration, message.sequence,
            np.tile(pose, (count, 1)), np.ones(count), TargetKind.CARTESIAN_POSE,
        )
        other = convert.chunk_to_message(chunk)
        message.target_kind, message.joint_names = other.target_kind, other.joint_names
        message.targets = other.targets

    return change


def _long_steps(message: messages.ActionChunk) -> None:
    message.step_duration = 10.0


def _reordered(rig: FaultRig) -> None:
    rig.policy.stop()
    status = rig.client.status
    accepted, refused = status.accepted_chunks, status.refused_chunks
    chunk = rig.policy.next_chunk()
    rig.policy.publish(convert.chunk_to_message(chunk))
    wait_for(lambda: rig.client.status.accepted_chunks > accepted, 'a chunk to come into force')
    later = rig.policy.next_chunk()
    overtaken = replace(later, observation_time=chunk.observation_time - 0.05)
    rig.policy.publish(convert.chunk_to_message(overtaken))
    wait_for(lambda: rig.client.status.refused_chunks > refused, 'a refusal')
    rig.refusal = rig.client.status.reason


def _in_force(rig: FaultRig, program: str) -> bool:
    return rig.client.diagnostics.get('reward program') == program


def _replaced_program(rig: FaultRig) -> None:
    rig.policy.stop()
    for program in ('first', 'second'):
        rig.announce(program)
        wait_for(partial(_in_force, rig, program), f'program {program}')
    refused = rig.client.status.refused_chunks

    def stale() -> bool:
        chunk = replace(rig.policy.next_chunk(), program_id='first')
        rig.policy.publish(convert.chunk_to_message(chunk))
        return rig.client.status.refused_chunks > refused

    wait_for(stale, 'a refusal')
    rig.refusal = rig.client.status.reason


BAD_CHUNKS = (
    _bad('NaN', 'one target is not a number', _not_a_number, 'not finite', 'NotFiniteValueError'),
    _bad('empty', 'no steps', _empty, 'at least one step', 'WrongShapeError'),
    _bad('wrong horizon', 'horizon says one step more than there are', _wrong_horizon, 'targets',
         'WrongShapeError'),
    _bad('wrong frame', 'targets in the frame of a camera', _camera_frame, 'frame_id',
         'WrongFrameError'),
    _bad('wrong robot', 'made for a Panda', _panda, 'robot_type', 'WrongRobotError'),
    _bad('wrong joint order', 'joint_names from hand to base', _swapped_joints, 'joint_names',
         'WrongJointsError'),
    _bad('unknown kind', 'target_kind 9', _unknown_kind, 'target_kind', 'UnknownTargetKindError'),
    _bad('clock 10 s ahead', 'stamp 10 s in the future', _shift_stamp(10.0), 'future',
         'FutureChunkError'),
    _bad('clock 10 s behind', 'stamp 10 s in the past', _shift_stamp(-10.0), 'too late',
         'ExpiredChunkError'),
    _bad('duplicate', 'a number that was used before', _same_number, 'older', 'OldSequenceError'),
    _bad('beyond a joint limit', 'joint 1 to 3.0 rad', _beyond_joint_limit, 'beyond its limits',
         'OutOfWorkspaceError'),
    _bad('leap', 'joint 7 leaps by 0.9 rad between two steps', _leap, 'jumps', 'JumpError'),
    _bad('under the table', 'poses 20 cm below the table', _poses((0.5, 0.0, -0.2)), 'workspace',
         'OutOfWorkspaceError'),
    _bad('out of reach', 'poses in the far corner of the workspace', _poses((0.79, 0.54, 0.6)),
         'reach', 'UnreachableTargetError'),
    _bad('endless', 'steps of 10 s', _long_steps, 'steps', 'WrongHorizonError'),
    Fault(
        'chunk: reordered', 'an observation older than the one in force', _reordered,
        BridgeState.STARVED, 'older', 'OldSequenceError',
    ),
    Fault(
        'chunk: replaced program', 'steered by a program that another one has replaced',
        _replaced_program, BridgeState.STARVED, 'no longer in force', 'StaleProgramError',
    ),
)
"""All of them: refused with a reason, counted by name; the chunk in force plays out, then the arm
holds."""
