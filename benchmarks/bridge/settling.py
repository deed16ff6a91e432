"""One row for each stream, where some were played again because the machine was too slow."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.bridge.trial import SLOWEST
from vls_core.eval.rows import Row

_IN_SHORT = ('robot_pace', 'reflexes', 'error')  # as `trial` keeps what it discards itself


def too_slow(row: Row) -> bool:
    """Whether the judge ran too slowly for the row to say much, whatever came of it."""
    return row['robot_pace'] < SLOWEST


def settle(rows: Sequence[Row]) -> list[Row]:
    """The last row of each stream; the ones before it are kept in short among the discarded."""
    settled: dict[tuple[str, str, int], Row] = {}
    for row in rows:
        key = row['case'], row['strategy'], row['seed']
        before = settled.pop(key, None)
        if before is not None:
            short = {name: before[name] for name in _IN_SHORT}
            earlier = [*before['discarded'], short]
            row = {**row, 'discarded': [*earlier, *row['discarded']]}
        settled[key] = row
    return list(settled.values())
