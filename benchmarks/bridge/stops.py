"""How long an arm takes from 1 rad/s to rest, whoever stops it.

    python -m benchmarks.bridge.stops

Every time is set against the robot's own stop in the same run: robot.stop() called directly.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rich.progress import track

from benchmarks.bridge.bridge_process import wait_for
from benchmarks.bridge.faults.rig import FaultRig, Motion, motion_after
from benchmarks.bridge.faults.stream import FAST, HORIZON, REPLAN_PERIOD, STEP
from benchmarks.bridge.judge import Judge
from benchmarks.bridge.strategies import NoGripper
from benchmarks.steering.version import ROOT
from franka_bridge.control_loop import ControlLoop
from franka_bridge.franky_arm import connect_arm
from franka_bridge.loop_settings import LoopSettings
from vls_core.control import fr3
from vls_core.control.limit_scales import LimitScales
from vls_core.types import ActionChunk, TargetKind

SPEED = 1.0
ROBOTS_OWN = "robot's own stop"
RESULT = ROOT / 'benchmarks' / 'results' / 'bridge' / 'stops.jsonl'
_VELOCITY_SCALE = 0.5  # 1 rad/s is beyond the default share of joint 1
_PLAYED_OUT = HORIZON * STEP + 0.15  # s, when nothing of the last chunk is left


@dataclass(frozen=True)
class Stop:
    """One stop.

    Attributes:
        who: stopped the arm.
        trial: number of the repetition.
        motion: of the arm from the moment on from which the time counts.
        reflexes: with which the robot ended a motion.
    """

    who: str
    trial: int
    motion: Motion
    reflexes: tuple[str, ...]


def robots_own_stop() -> tuple[Motion, tuple[str, ...]]:
    """robot.stop(), called without anything in between."""
    with Judge() as judge:
        arm = connect_arm(judge.address, False, 10.0)
        settings = LoopSettings(dry_run=False, scales=LimitScales(velocity=_VELOCITY_SCALE))
        loop = ControlLoop(arm, NoGripper(), settings)
        loop.start()
        loop.arm()
        begun = time.monotonic()
        for sequence in range(200):
            loop.accept(_swing(begun, time.monotonic(), sequence))
            with suppress(AssertionError):
                wait_for(lambda: _fast(judge), 'speed', REPLAN_PERIOD)
                break
        moment = float(judge.trace()[-1, 0])
        arm.stop()
        wait_for(lambda: motion_after(judge.trace(), moment).stop_time is not None, 'rest')
        motion, reflexes = motion_after(judge.trace(), moment), judge.reflexes()
        loop.close()
        return motion, tuple(item.error for item in reflexes)


def _swing(begun: float, now: float, sequence: int) -> ActionChunk:
    due = now + STEP * np.arange(1, HORIZON + 1) - begun
    targets = np.tile(fr3.HOME_JOINT_POSITIONS, (HORIZON, 1))
    wave = np.sin(2 * np.pi * FAST.frequency * due)
    targets[:, 0] += np.clip(due, 0.0, 1.0) * FAST.amplitude * wave
    return ActionChunk(
        now, STEP, sequence, targets, np.ones(HORIZON), TargetKind.JOINT_POSITION
    )


def _fast(judge: Judge) -> bool:
    trace = judge.trace()
    return len(trace) > 0 and bool(np.abs(trace[-1, 8:]).max() > SPEED)


def _estop(rig: FaultRig) -> None:
    rig.must(rig.client.ask('estop'))


def _bridge(number: signal.Signals) -> Callable[[FaultRig], None]:
    return lambda rig: rig.bridge.send(number)


def by_a_signal_or_service(
    inject: Callable[[FaultRig], None]
) -> Callable[[], tuple[Motion, tuple[str, ...]]]:
    """Counted from the injection."""

    def stop() -> tuple[Motion, tuple[str, ...]]:
        with FaultRig(FAST, velocity_scale=_VELOCITY_SCALE) as rig:
            rig.swing()
            wait_for(lambda: rig.at_speed(SPEED), 'speed')
            moment = rig.moment()
            inject(rig)
            return _until_rest(rig, moment)

    return stop


def by_a_dead_policy(number: signal.Signals) -> Callable[[], tuple[Motion, tuple[str, ...]]]:
    """Counted from the signal: what is left of the last chunk is played, then the arm brakes."""

    def stop() -> tuple[Motion, tuple[str, ...]]:
        with FaultRig(FAST, velocity_scale=_VELOCITY_SCALE) as rig:
            rig.policy.close()  # it would be a rival
            rig.must(rig.client.ask('arm', True))
            policy = subprocess.Popen([
                sys.executable, '-m', 'benchmarks.bridge.faults.policy_process', rig.namespace,
                str(FAST.amplitude), str(FAST.frequency),
            ])
            try:
                wait_for(lambda: rig.at_speed(SPEED), 'speed')
                moment = rig.moment()
                policy.send_signal(number)
                return _until_rest(rig, moment)
            finally:
                policy.kill()
                policy.wait()

    return stop


def by_the_dead_man() -> tuple[Motion, tuple[str, ...]]:
    """Counted from when the last step of a chunk at full speed is due, as nothing follows."""
    with FaultRig(velocity_scale=_VELOCITY_SCALE) as rig:
        rig.must(rig.client.ask('arm', True))
        begun = rig.client.now()
        count = 12  # 0.8 s, at 1 rad/s in the end
        due = STEP * np.arange(1, count + 1)
        targets = np.tile(fr3.HOME_JOINT_POSITIONS, (count, 1))
        ramp = 0.4
        targets[:, 0] += SPEED * np.where(due < ramp, due**2 / (2 * ramp), due - ramp / 2)
        rig.policy.publish_chunk(
            ActionChunk(begun, STEP, 1, targets, np.ones(count), TargetKind.JOINT_POSITION)
        )
        wait_for(lambda: rig.client.now() >= begun + count * STEP, 'the last step')
        return _until_rest(rig, rig.moment())


def _until_rest(rig: FaultRig, moment: float) -> tuple[Motion, tuple[str, ...]]:
    wait_for(lambda: motion_after(rig.judge.trace(), moment).stop_time is not None, 'rest')
    return (
        motion_after(rig.judge.trace(), moment),
        tuple(item.error for item in rig.judge.reflexes()),
    )


STOPS: dict[str, Callable[[], tuple[Motion, tuple[str, ...]]]] = {
    ROBOTS_OWN: robots_own_stop,
    'e-stop': by_a_signal_or_service(_estop),
    'dead-man': by_the_dead_man,
    'bridge SIGKILL': by_a_signal_or_service(_bridge(signal.SIGKILL)),
    'bridge SIGSTOP': by_a_signal_or_service(_bridge(signal.SIGSTOP)),
    'bridge SIGTERM': by_a_signal_or_service(_bridge(signal.SIGTERM)),
    'policy SIGKILL': by_a_dead_policy(signal.SIGKILL),
    'policy SIGSTOP': by_a_dead_policy(signal.SIGSTOP),
}


def main() -> None:
    """Stops the arm in every way, several times, and writes a row for each."""
    from benchmarks.bridge.foreign_metrics import merge_into_summary, stop_metrics

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--trials', type=int, default=8)
    parser.add_argument('--out', type=Path, default=RESULT)
    arguments = parser.parse_args()
    rows = []
    for trial in track(range(arguments.trials), description='rounds of stops'):
        for who, stop in STOPS.items():
            rows.append(Stop(who, trial, *stop()))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(''.join(json.dumps(asdict(row)) + '\n' for row in rows))
    merge_into_summary(arguments.out.parent, stop_metrics(rows))
    for who in STOPS:
        times = [row.motion.stop_time for row in rows if row.who == who]
        print(f'{who}: median {np.median(times):.3f} s of {len(times)}')


if __name__ == '__main__':
    main()
