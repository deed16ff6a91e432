"""What the rows of the benchmark say: rates, paired gains, failures and cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median

from benchmarks.libero_pro.arms import ARMS, BASE, BASELINES, OURS
from benchmarks.libero_pro.episode import REPLAN_STEPS
from benchmarks.libero_pro.judge import FAILURES, kind_of_failure
from benchmarks.libero_pro.suites import DISPLACEMENTS
from vls_core.eval.rows import Row
from vls_core.eval.statistics import (
    Estimate,
    Proportion,
    bootstrap_grouped_mean,
    bootstrap_mean,
    wilson,
)

SHIFTED = ('task', 'position')
"""The perturbations that the headline is about, as in the paper."""
LOOKS_AND_WORDS = ('object', 'semantic')
"""The perturbations that leave things where they are."""
HELD_OUT_SUITE = 'libero_spatial'
"""Of which no shifted scene was tuned on."""
VARIANTS = tuple(arm for arm in ARMS if arm.startswith(f'{OURS} '))
"""Ours with a part left out, or with perception replaced."""
BROKEN_OFF = 'broken off'
"""How the ending of an episode begins that could not be played on."""
KINDS_OF_FAILURE = (*FAILURES, BROKEN_OFF)
_PAIR = ('suite', 'perturbation', 'task', 'state', 'seed', 'family')
_TASK = _PAIR.index('task') + 1


def rate(rows: Sequence[Row], **wanted: object) -> Proportion | None:
    """Success of the rows with these values; None if there are none."""
    found = select(rows, **wanted)
    return wilson(sum(bool(row['success']) for row in found), len(found)) if found else None


def select(rows: Sequence[Row], **wanted: object) -> list[Row]:
    """The rows with these values; a tuple means any of them."""
    return [
        row for row in rows
        if all(row[name] in value if isinstance(value, tuple) else row[name] == value
               for name, value in wanted.items())
    ]


def gain(rows: Sequence[Row], arm: str, over: str, **wanted: object) -> Estimate | None:
    """Difference of success between two arms in percentage points, over the episodes both ran.

    The interval is that of more episodes of the same tasks.
    """
    pairs = _pairs(rows, arm, over, **wanted)
    return bootstrap_mean(list(pairs.values())) if pairs else None


def gain_over_tasks(
    rows: Sequence[Row], arm: str, over: str, **wanted: object
) -> Estimate | None:
    """As `gain`, with the interval for other tasks like these: they are drawn as a whole."""
    pairs = _pairs(rows, arm, over, **wanted)
    if not pairs:
        return None
    return bootstrap_grouped_mean(list(pairs.values()), [key[:_TASK] for key in pairs])


def _pairs(
    rows: Sequence[Row], arm: str, over: str, **wanted: object
) -> dict[tuple[object, ...], float]:
    """Differences of success in points, by what tells episodes apart."""
    treated, control = (_successes(rows, name, **wanted) for name in (arm, over))
    both = sorted(treated.keys() & control.keys(), key=str)
    return {key: 100 * (treated[key] - control[key]) for key in both}


def _successes(
    rows: Sequence[Row], arm: str, **wanted: object
) -> dict[tuple[object, ...], float]:
    """1 or 0 by what tells episodes apart."""
    return {tuple(row[name] for name in _PAIR): float(bool(row['success']))
            for row in select(rows, arm=arm, **wanted)}


def best_baseline(rows: Sequence[Row], **wanted: object) -> str | None:
    """Of the baselines that were run, the one that succeeds most often, over what all of them ran.

    If there is no such episode, the one over which ours gains least.
    """
    ran = {arm: found for arm in BASELINES if (found := _successes(rows, arm, **wanted))}
    common = set.intersection(*(set(found) for found in ran.values())) if ran else set()
    if common:
        return max(ran, key=lambda arm: sum(ran[arm][key] for key in common))
    gains = {arm: found.value for arm in ran if (found := gain(rows, OURS, arm, **wanted))}
    return min(gains, key=gains.__getitem__, default=None)


def failures(rows: Sequence[Row], arm: str = OURS) -> Counter[str]:
    """How many failed episodes of an arm failed of what."""
    failed = [row for row in rows if row['arm'] == arm and not row['success']]
    return Counter({kind: 0 for kind in KINDS_OF_FAILURE}) + Counter(
        BROKEN_OFF if str(row['ending']).startswith(BROKEN_OFF) else kind_of_failure(row)
        for row in failed
    )


def cost(rows: Sequence[Row], arm: str) -> dict[str, float]:
    """Mean seconds per episode, and what they were spent on."""
    found = select(rows, arm=arm)
    parts = ('simulator', 'perception', 'planning', 'author')
    return {part: sum(float(row[f'{part}_seconds']) for row in found) / len(found)
            for part in parts} if found else {}


def planning_per_chunk(rows: Sequence[Row], arm: str) -> float | None:
    """Median over episodes of the time that planning a chunk took on average [s]."""
    found = [float(row['planning_seconds']) * REPLAN_STEPS / int(row['steps'])
             for row in select(rows, arm=arm) if row['steps']]
    return median(found) if found else None


def summary(rows: Sequence[Row], held_out: Sequence[tuple[str, str]]) -> dict[str, object]:
    """What summary.json holds: a flat map of metrics.

    Gains are over task and position together; what is held out is part of them, and also reported
    alone.
    """
    shifted: dict[str, object] = {'perturbation': SHIFTED}
    best = best_baseline(rows, **shifted)
    alone = [row for row in rows if (row['suite'], row['perturbation']) in set(held_out)]
    found: dict[str, object] = {'episodes': len(rows), 'best_baseline': best}
    _add(found, 'gain_over_base_points', gain(rows, OURS, BASE, **shifted))
    _add(found, 'gain_over_base_points_over_tasks', gain_over_tasks(rows, OURS, BASE, **shifted))
    if best is not None:
        _add(found, 'gain_over_best_baseline_points', gain(rows, OURS, best, **shifted))
        _add(found, 'gain_over_best_baseline_points_over_tasks',
             gain_over_tasks(rows, OURS, best, **shifted))
    for arm in VARIANTS:
        _add(found, f'gain_over_{_named(arm)}_points', gain(rows, OURS, arm, **shifted))
        _add(found, f'gain_over_{_named(arm)}_points_over_tasks',
             gain_over_tasks(rows, OURS, arm, **shifted))
        _add(found, f'in_distribution_gain_over_{_named(arm)}_points',
             gain(rows, OURS, arm, perturbation='none'))
    _add(found, 'in_distribution_change_points', gain(rows, OURS, BASE, perturbation='none'))
    _add(found, 'in_distribution_change_points_over_tasks',
         gain_over_tasks(rows, OURS, BASE, perturbation='none'))
    suite: dict[str, object] = {'suite': HELD_OUT_SUITE, **shifted}
    _add(found, 'held_out_suite_gain_over_base_points', gain(rows, OURS, BASE, **suite))
    _add(found, 'held_out_suite_gain_over_base_points_over_tasks',
         gain_over_tasks(rows, OURS, BASE, **suite))
    _add(found, 'held_out_gain_over_base_points', gain(alone, OURS, BASE))
    for perturbation in LOOKS_AND_WORDS:
        name = f'{perturbation}_perturbation_gain_over_base_points'
        _add(found, name, gain(rows, OURS, BASE, perturbation=perturbation))
        _add(found, f'{name}_over_tasks',
             gain_over_tasks(rows, OURS, BASE, perturbation=perturbation))
    _add(found, 'in_distribution_success', rate(rows, arm=BASE, perturbation='none'))
    for arm in dict.fromkeys(str(row['arm']) for row in rows):
        _add(found, f'shifted_success_{_named(arm)}', rate(rows, arm=arm, **shifted))
        _add(found, f'displaced_success_{_named(arm)}',
             rate(rows, arm=arm, perturbation=DISPLACEMENTS))
        seconds = planning_per_chunk(rows, arm)
        if seconds is not None:
            found[f'planning_seconds_per_chunk_{_named(arm)}'] = round(seconds, 4)
    for name, failed in (('failures', failures(rows)), ('held_out_failures', failures(alone))):
        found.update({f'{name}_{kind.replace(" ", "_")}': count for kind, count in failed.items()})
    for arm in (BASE, OURS):
        for part, seconds in cost(rows, arm).items():
            found[f'{arm}_{part}_seconds_per_episode'] = round(seconds, 3)
    found['seeds'] = sorted({int(row['seed']) for row in rows})
    return found


def _named(arm: str) -> str:
    return arm.replace(' ', '_').replace(',', '')


def _add(found: dict[str, object], name: str, value: Estimate | Proportion | None) -> None:
    if value is not None:
        found[name] = round(value.value, 4)
        found[f'{name}_low'], found[f'{name}_high'] = round(value.low, 4), round(value.high, 4)
        found[f'{name}_episodes'] = (
            value.samples if isinstance(value, Estimate) else value.trials
        )
