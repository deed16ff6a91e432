"""The table of the README, made from the committed results; a test holds the two together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def readme_table(summary: Mapping[str, Any]) -> str:
    """One row for each sentence: success unsteered and steered, with intervals."""
    lines = ['| sentence | unsteered | steered |', '|---|---|---|']
    for task, sentence in summary['provenance']['sentences'].items():
        cells = {cell['arm']: cell for cell in summary['cells'] if cell['task'] == task}
        lines.append(f'| {sentence} | {_rate(cells["unsteered"])} | {_rate(cells["steered"])} |')
    return '\n'.join(lines)


def _rate(cell: Mapping[str, Any]) -> str:
    rate = cell['success']
    if rate is None:
        return 'refused'
    done = round(rate['value'] * cell['played'])
    return f'{done}/{cell["played"]} ({100 * rate["low"]:.0f} to {100 * rate["high"]:.0f} %)'
