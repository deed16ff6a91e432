"""The table of the README, made from the committed results; a test holds the two together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def readme_table(summary: Mapping[str, Any]) -> str:
    """One row for each kind of call: its times over one plain denoising step."""
    lines = ['| | median | p95 | p95 over p95 of a step |', '|---|---|---|---|']
    for name, metric in summary.items():
        if name == 'provenance':
            continue
        ratio = metric['median_ratio']
        lines.append(
            f'| {name} | {_short(ratio["value"])} ({_short(ratio["low"])} to '
            f'{_short(ratio["high"])}) | {_short(metric["p95_ratio"])} | '
            f'{_short(metric["p95_over_p95"])} |'
        )
    return '\n'.join(lines)


def _short(value: float) -> str:
    """Two digits that mean something."""
    return f'{value:.2f}' if value < 10 else f'{value:.0f}'
