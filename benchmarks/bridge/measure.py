"""What a recording shows: how closely a motion was followed, how smoothly, in what limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np

from benchmarks.bridge import violations
from benchmarks.bridge.motions import DURATION, Motion
from benchmarks.bridge.recording import Recording
from vls_core.control.kinematics import Fr3Kinematics

WARM_UP = 0.8
"""Left out at the beginning: the first chunk may come late [s]."""

LAGS = np.arange(-0.020, 0.6005, 0.001)
"""Tried to find the one at which the motion fits best [s]."""

_LEAST = 100  # samples without which nothing is said about tracking
_GRID = 0.004  # s
_COARSE = 10  # lags tried together first


Sampler = Callable[[np.ndarray], np.ndarray]
"""From times (N,) [s] to points (N, D)."""


class NoSamplesError(ValueError):
    """Too little was measured to say how well a motion was followed."""


@dataclass(frozen=True)
class Tracking:
    """How far a measured path is from what was meant.

    Attributes:
        rms: with no lag allowed for, in the unit of the path.
        best_rms: at the lag at which they are nearest.
        lag: that lag [s].
    """

    rms: float
    best_rms: float
    lag: float


@dataclass(frozen=True)
class Measurement:
    """The numbers of one row; None where there is nothing to measure.

    Attributes:
        rms_mrad: see Tracking.
        best_rms_mrad: see Tracking.
        lag_ms: see Tracking.
        end_effector_rms_mm: distance of the end effector from where it was meant to be, at the
            lag that suits its path.
        end_effector_lag_ms: that lag.
        reference_jerk_rms: of the references, over all joints [rad/s^3].
        reference_jerk_max: likewise.
        reference_period_ms: robot's time for each reference.
        violations: references that break a limit, by kind.
        speed_max: measured [rad/s].
        sample_rate: measurements per second.
        robot_pace: seconds of the robot's clock per second.
        followed: how long the motion was followed [s].
    """

    rms_mrad: float | None
    best_rms_mrad: float | None
    lag_ms: float | None
    end_effector_rms_mm: float | None
    end_effector_lag_ms: float | None
    reference_jerk_rms: float | None
    reference_jerk_max: float | None
    reference_period_ms: float | None
    violations: dict[str, int] | None
    speed_max: float
    sample_rate: float
    robot_pace: float
    followed: float

    def row(self) -> dict[str, object]:
        """For a line of JSON."""
        return asdict(self)


def tracking(times: np.ndarray, path: np.ndarray, meant: Sampler) -> Tracking:
    """Compares a path (N, D), measured at times (N,) [s], with what was meant.

    The root of the mean square is over times and coordinates. Raises NoSamplesError.
    """
    chosen = (times >= WARM_UP) & (times <= DURATION)
    if chosen.sum() < _LEAST:
        raise NoSamplesError(f'{chosen.sum()} measurements while the motion was under way')
    times, path = times[chosen], path[chosen]

    def error(lag: float) -> float:
        return float(np.sqrt(np.mean((path - meant(times - lag)) ** 2)))

    near = min(LAGS[::_COARSE], key=error)
    lag = min(LAGS[np.abs(LAGS - near) <= _COARSE * 0.001], key=error)
    return Tracking(error(0.0), error(lag), float(lag))


def measure(recording: Recording, motion: Motion, ended: bool) -> Measurement:
    """All numbers of a recording; of tracking, none if the motion `ended` before its time."""
    times = recording.times
    joints = hand = None
    if not ended:
        joints = tracking(times, recording.positions, motion.sample)
        hand = tracking(times, _end_effector(recording.positions), _hand_path(motion))
    playing = (times >= 0.0) & (times <= DURATION)
    span, robot_span = (_span(values[playing]) for values in (times, recording.robot_times))
    references = recording.references
    jerk = violations.derivatives(references)[2] if len(references) else None
    return Measurement(
        rms_mrad=1e3 * joints.rms if joints else None,
        best_rms_mrad=1e3 * joints.best_rms if joints else None,
        lag_ms=1e3 * joints.lag if joints else None,
        # Three coordinates are one distance.
        end_effector_rms_mm=1e3 * np.sqrt(3.0) * hand.best_rms if hand else None,
        end_effector_lag_ms=1e3 * hand.lag if hand else None,
        reference_jerk_rms=float(np.sqrt(np.mean(jerk**2))) if jerk is not None else None,
        reference_jerk_max=float(np.abs(jerk).max()) if jerk is not None else None,
        reference_period_ms=_reference_period(recording),
        violations=violations.count(references) if jerk is not None else None,
        speed_max=float(np.abs(recording.velocities).max(initial=0.0)),
        sample_rate=float(playing.sum() / span) if span else 0.0,
        robot_pace=robot_span / span if span else 0.0,
        followed=span,
    )


def _hand_path(motion: Motion) -> Sampler:
    # Tried at many lags: forward kinematics once, on a grid that is finer than anything moves.
    grid = np.arange(0.0, DURATION - LAGS[0] + _GRID, _GRID)
    points = _end_effector(motion.sample(grid))

    def sample(times: np.ndarray) -> np.ndarray:
        return np.stack([np.interp(times, grid, axis) for axis in points.T], axis=1)

    return sample


def _end_effector(positions: np.ndarray) -> np.ndarray:
    kinematics = Fr3Kinematics()
    return np.array([kinematics.forward(row)[0] for row in positions])


def _span(values: np.ndarray) -> float:
    return float(values[-1] - values[0]) if len(values) else 0.0


def _reference_period(recording: Recording) -> float | None:
    emitted = recording.reference_times
    if len(emitted) < 2:
        return None
    first, last = np.interp(emitted[[0, -1]], recording.times, recording.robot_times)
    return float(1e3 * (last - first) / (len(emitted) - 1))
