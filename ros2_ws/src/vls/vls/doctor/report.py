"""How findings are shown."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from vls.consoles import printable
from vls.doctor.finding import Finding, Verdict, ready

STYLES = {
    Verdict.OK: 'green', Verdict.WARNING: 'yellow', Verdict.PROBLEM: 'bold red',
    Verdict.SKIPPED: 'dim',
}


def finding_table(findings: Sequence[Finding]) -> Table:
    """One row per check."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column('check', max_width=13)
    table.add_column('verdict', no_wrap=True)
    table.add_column('what was seen', ratio=1, overflow='fold')
    table.add_column('what to do', ratio=1, overflow='fold')
    for finding in findings:
        style = STYLES[finding.verdict]
        table.add_row(
            finding.check, Text(finding.verdict.value, style=style),
            escape(printable(finding.seen)), escape(printable(finding.advice)),
        )
    return table


def summary(findings: Sequence[Finding]) -> str:
    """How many of each, in a line."""
    count = Counter(finding.verdict for finding in findings)
    parts = [
        f'{count[Verdict.PROBLEM]} problem{"" if count[Verdict.PROBLEM] == 1 else "s"}',
        f'{count[Verdict.WARNING]} warning{"" if count[Verdict.WARNING] == 1 else "s"}',
        f'{count[Verdict.OK]} ok', f'{count[Verdict.SKIPPED]} skipped',
    ]
    return ', '.join(parts)


def as_json(findings: Sequence[Finding]) -> str:
    """One object: `ready`, and the findings."""
    return json.dumps(
        {'ready': ready(findings), 'findings': [asdict(finding) for finding in findings]},
        indent=2,
    )
