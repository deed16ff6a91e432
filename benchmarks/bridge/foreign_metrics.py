"""What stops, the soak and the storms add to the benchmark's summary.json."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.bridge.soak import Sample, memory_slope
from benchmarks.bridge.stops import ROBOTS_OWN, Stop
from vls_core.eval.statistics import bootstrap_mean

Metric = Mapping[str, object]


def stop_metrics(stops: Sequence[Stop]) -> dict[str, Metric]:
    """For each way to stop: its times over the mean of the robot's own, and its angle.

    `stop_time_ratio` is that of the e-stop.
    """
    own = np.mean(_times(stops, ROBOTS_OWN))
    found: dict[str, Metric] = {}
    for who in dict.fromkeys(stop.who for stop in stops):
        ratios = [time / own for time in _times(stops, who)]
        found[metric_name('stop_time_ratio', who)] = _mean(ratios, "of the robot's own stop")
        angles = [stop.motion.stop_angle for stop in stops if stop.who == who]
        found[metric_name('stop_angle_rad', who)] = _mean(angles, 'rad')
    found['stop_time_s_' + _slug(ROBOTS_OWN)] = _mean(_times(stops, ROBOTS_OWN), 's')
    return found


def metric_name(base: str, who: str) -> str:
    """The name of a metric of one way to stop; the e-stop's is the base itself."""
    return base if who == 'e-stop' else f'{base}_{_slug(who)}'


def soak_metrics(samples: Sequence[Sample]) -> dict[str, Metric]:
    """Jitter and memory are those of the windows in which the arm followed chunks throughout.

    Jitter is the mean over these windows, and the worst one.
    """
    last, moving = samples[-1], [sample for sample in samples if sample.moving]
    jitter = np.array([sample.jitter for sample in moving])
    found: dict[str, Metric] = {
        'soak_minutes': _plain(last.time / 60.0, 'min'),
        'soak_minutes_following': _plain(moving[-1].time / 60.0, 'min'),
        'soak_starvations': _plain(last.starvations, 'events'),
        'soak_reflexes': _plain(last.reflexes, 'reflexes'),
        'soak_memory_slope': _plain(memory_slope(moving), 'MiB/h'),
    }
    for column, name in enumerate(('p50', 'p95', 'p99', 'maximum')):
        windows = jitter[:, column]
        found[f'soak_jitter_{name}_ms'] = {
            **_mean(list(windows), 'ms'), 'worst': round(float(windows.max()), 3)
        }
    return found


def storm_metrics(count: Mapping[str, int]) -> dict[str, Metric]:
    """Of the generated streams."""
    return {
        f'storm_{name}': _plain(count[name], name)
        for name in ('streams', 'references', 'violations', 'faults')
    }


def merge_into_summary(folder: Path, metrics: Mapping[str, Metric]) -> None:
    """Adds metrics to summary.json; what is there already and not named stays."""
    path = folder / 'summary.json'
    summary = json.loads(path.read_text()) if path.exists() else {}
    summary.update(metrics)
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(summary, indent=1) + '\n')


def _times(stops: Sequence[Stop], who: str) -> list[float]:
    return [
        stop.motion.stop_time for stop in stops
        if stop.who == who and stop.motion.stop_time is not None
    ]


def _mean(values: Sequence[float], unit: str) -> dict[str, object]:
    estimate = bootstrap_mean(list(values))
    return {
        'value': round(estimate.value, 3), 'low': round(estimate.low, 3),
        'high': round(estimate.high, 3), 'n': len(values), 'unit': unit,
    }


def _plain(value: float, unit: str) -> dict[str, object]:
    rounded = round(float(value), 3)
    return {'value': rounded, 'low': rounded, 'high': rounded, 'n': 1, 'unit': unit}


def _slug(who: str) -> str:
    return who.lower().replace("'", '').replace(' ', '_').replace('-', '_')
