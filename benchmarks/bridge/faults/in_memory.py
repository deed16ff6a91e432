"""Faults that no simulator here can have: on an arm in memory, with the real loop around it.

What the arm does is not measured: the one in memory has no mass. Needs the folder of
franka_bridge's tests on PYTHONPATH.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from fake_hands import SlowHand
from loop_bench import Bench

from franka_bridge.arm import ArmError
from franka_bridge.gripper_settings import GripperSettings
from franka_bridge.gripper_thread import GripperThread
from vls_core.control.collisions import Box
from vls_core.control.gripper_logic import GripperCommand
from vls_core.control.limiter import Reference
from vls_core.control.watchdog import BridgeState, TransitionError


@dataclass(frozen=True)
class MemoryFault:
    """One row of the fault table, in memory.

    Attributes:
        name: what is wrong.
        how: how it is brought about.
        inject: brings it about on a bench whose arm follows a chunk.
        expected: the state that follows.
        reason: part of what the bridge has to say about it.
        counted: name under which it has to be counted; '' if it is not counted.
    """

    name: str
    how: str
    inject: Callable[[Bench], None]
    expected: BridgeState
    reason: str = ''
    counted: str = ''


def bench_in_motion() -> Bench:
    """An armed arm in memory, half a second into a chunk."""
    bench = Bench()
    bench.loop.arm()
    bench.run(0.05)
    bench.send(offset=0.5, horizon=30)
    bench.run(0.5)
    return bench


def _user_stop(bench: Bench) -> None:
    bench.arm.user_stop, bench.arm.error = True, 'the user stop is pressed: release it'
    bench.run(0.02)


def _reflex(bench: Bench) -> None:
    bench.arm.reflex = ArmError('the arm stopped by itself: cartesian_reflex')
    bench.run(0.02)


def _refused_recovery(bench: Bench) -> None:
    _reflex(bench)
    bench.arm.refused_recoveries = 1
    try:
        bench.loop.recover()
    except ArmError:
        bench.run(0.02)
        if bench.state is not BridgeState.FAULT:
            raise AssertionError('the fault went away though the arm did not recover') from None
    else:
        raise AssertionError('a recovery that the arm refused was reported as done')
    bench.loop.recover()


def _mute_gripper(bench: Bench) -> None:
    gripper = GripperThread(
        SlowHand(), GripperSettings(answer_timeout=0.3), on_fault=bench.loop.fault
    )
    gripper.command(GripperCommand.CLOSE)
    gripper.wait_until_idle(5.0)
    gripper.close()


def _blocked(bench: Bench) -> None:
    bench.arm.blocked = True
    bench.run(1.0)


def _broken_limiter(bench: Bench) -> None:
    limiter = bench.loop._cycle.tracking._limiter
    good = limiter.reference
    jumped = good.position + 0.05 * np.eye(7)[6]
    limiter.step = lambda *_: Reference(jumped, good.velocity, good.acceleration, limited=False)
    bench.run(0.02)


def _state_not_a_number(bench: Bench) -> None:
    bench.arm.position = np.full(7, np.nan)
    bench.arm.blocked = True
    bench.run(0.02)


def _obstacle_in_the_arm(bench: Bench) -> None:
    bench.loop.set_obstacles((Box('crate', np.array([0.3, 0.0, 0.5]), np.full(3, 0.2)),))
    bench.run(0.02)


def _bug(bench: Bench) -> None:
    bench.arm.reflex = ZeroDivisionError('a bug')
    bench.run(0.02)


def _stop_while_arming(bench: Bench) -> None:
    bench.loop.disarm()
    bench.arm.while_starting = bench.loop.stop
    try:
        bench.loop.arm()
    except TransitionError:
        return
    raise AssertionError('armed though it was stopped meanwhile')


MEMORY_FAULTS = (
    MemoryFault('user stop', 'the robot reports it', _user_stop, BridgeState.ESTOP, 'user stop'),
    MemoryFault('reflex', 'the robot reports cartesian_reflex', _reflex, BridgeState.FAULT,
                'cartesian_reflex'),
    MemoryFault('recovery is refused once', 'a reflex, recover fails, recover again',
                _refused_recovery, BridgeState.IDLE),
    MemoryFault('gripper never answers', 'a hand that takes a command and falls silent',
                _mute_gripper, BridgeState.FAULT, 'gripper'),
    MemoryFault('arm is blocked', 'it stops where it is, without a reflex', _blocked,
                BridgeState.FAULT, 'does not follow', 'LeashError'),
    MemoryFault('limiter is broken', 'its reference jumps by 0.05 rad', _broken_limiter,
                BridgeState.FAULT, 'would jump', 'DiscontinuityError'),
    MemoryFault('joint states are no numbers', 'NaN for all joints', _state_not_a_number,
                BridgeState.FAULT, 'finite', 'NotFiniteError'),
    MemoryFault('obstacle in the arm', 'a crate is reported where the arm is',
                _obstacle_in_the_arm, BridgeState.FAULT, 'crate', 'ObstacleError'),
    MemoryFault('bug in the loop', 'an exception nobody expects', _bug, BridgeState.FAULT,
                'internal error'),
    MemoryFault('e-stop while arming', 'in the middle of it', _stop_while_arming,
                BridgeState.ESTOP, 'operator'),
)
