"""Plays some of the recorded episodes again: python -m benchmarks.libero_pro.recheck.

Says which of them another machine, or other code, brings to another end; with --record, what was
found is written down beside the rows. With --adopt, rows that other code made count as those of
the present code, if no episode of a sample of them ends otherwise: for changes that should make no
difference, since all rows take hours. Do that before anything else is run, which would set those
rows aside.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from rich.table import Table

from benchmarks.libero_pro.__main__ import folder_of
from benchmarks.libero_pro.bench import Case, Plan, jobs_of, play
from benchmarks.libero_pro.camera import NoGraphicsError
from benchmarks.libero_pro.policy import FAMILIES
from vls_core.eval import provenance
from vls_core.eval.jobs import console, run_jobs
from vls_core.eval.rows import Row, RowsError, VersionedRows, append_row, read_rows
from vls_core.eval.statistics import wilson
from vls_core.policies.flow import CheckpointError

ENOUGH_TO_ADOPT = 60
"""Episodes: if none of them ends otherwise, at most 6 % of all do (95 %)."""
RECORD = 'rechecks.jsonl'
"""Beside the rows: what was found on which machine."""
_STAMPS = {'version', 'made_by'}
_NAMES = tuple(item.name for item in fields(Case))


@dataclass(frozen=True)
class Comparison:
    """An episode before and now.

    Attributes:
        case: which.
        success: before and now.
        details: names of everything that is not the same, times left out.
        fields_differ: a row has other fields now than before.
    """

    case: Case
    success: tuple[bool, bool]
    details: tuple[str, ...]
    fields_differ: bool = False

    @property
    def ends_otherwise(self) -> bool:
        """It succeeds now and did not before, or the other way round."""
        return self.success[0] != self.success[1]


def case_of(row: Row) -> Case:
    """The episode that a row is about."""
    return Case(**{name: row[name] for name in _NAMES})  # type: ignore[arg-type]


def compare(before: Row, now: Row) -> Comparison:
    """What is not the same.

    Args:
        before: as it was read.
        now: as it was made.
    """
    now = json.loads(json.dumps(now))  # as it would be read: tuples become lists
    names = (before.keys() | now.keys()) - _STAMPS
    details = sorted(name for name in names
                     if not name.endswith('_seconds') and before.get(name) != now.get(name))
    return Comparison(
        case_of(now), (bool(before['success']), bool(now['success'])), tuple(details),
        before.keys() - _STAMPS != now.keys() - _STAMPS,
    )


def sample(rows: Sequence[Row], number: int, seed: int) -> list[Row]:
    """At most so many rows, by chance, every one as likely."""
    order = np.random.default_rng(seed).permutation(len(rows))
    return [rows[index] for index in order[:number]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Ends with 0 if no episode ends otherwise."""
    parser = _parser()
    wanted = parser.parse_args(arguments)
    if wanted.episodes < 1 or wanted.processes < 1:
        parser.error('--episodes and --processes begin at 1')
    if wanted.adopt and wanted.episodes < ENOUGH_TO_ADOPT:
        parser.error(f'--adopt takes at least {ENOUGH_TO_ADOPT} episodes')
    version = Plan((), (), family=wanted.family).version()
    file = VersionedRows(folder_of(wanted.family) / f'episodes_{wanted.family}.jsonl', version)
    try:
        with file.alone():
            return _recheck(file, wanted)
    except (RowsError, CheckpointError, NoGraphicsError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('interrupted; nothing was adopted', file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--family', choices=FAMILIES, default=FAMILIES[0], help='of base policies')
    parser.add_argument('--episodes', type=int, default=ENOUGH_TO_ADOPT)
    parser.add_argument('--seed', type=int, default=0, help='decides which episodes')
    parser.add_argument('--adopt', action='store_true',
                        help='play rows of other code; all of these count as of this code if none '
                        'that is played ends otherwise')
    parser.add_argument('--record', action='store_true', help=f'add what is found to {RECORD}')
    parser.add_argument('--processes', type=int, default=os.cpu_count() or 1)
    return parser


def _recheck(file: VersionedRows, wanted: argparse.Namespace) -> int:
    rows = read_rows(file.path)
    if wanted.adopt:
        rows = [row for row in rows if row.get('version') != file.version]
    if not rows:
        made = 'has no rows of other code' if wanted.adopt else (
            'has no rows: make some with `vls bench libero-pro`')
        print(f'{file.path} {made}', file=sys.stderr)
        return 1
    found = _again(sample(rows, wanted.episodes, wanted.seed), wanted)
    _say(found)
    if wanted.record:
        append_row(file.path.with_name(RECORD), {
            'adopt': wanted.adopt, 'seed': wanted.seed, 'version': file.version,
            **record_of(found),
        })
    if any(item.ends_otherwise for item in found):
        return 1
    if wanted.adopt:
        if any(item.fields_differ for item in found):
            print('rows have other fields now: nothing was adopted', file=sys.stderr)
            return 1
        print(f'{file.adopt_stale()} rows of other code count as of the present code')
    return 0


def _again(rows: Sequence[Row], wanted: argparse.Namespace) -> list[Comparison]:
    before = {case_of(row).key: row for row in rows}
    plan = Plan((), (), family=wanted.family)
    jobs = jobs_of(plan, [case_of(row) for row in rows], block=len(rows))
    found: list[Comparison] = []

    def keep(made: list[Row]) -> None:
        found.extend(compare(before[case_of(row).key], row) for row in made)

    run_jobs(play, jobs, wanted.processes, 'episodes again', keep)
    return found


def _say(found: Sequence[Comparison]) -> None:
    console().print(table_of(found))
    changed = sum(item.ends_otherwise for item in found)
    differ = sum(bool(item.details) for item in found)
    high = 100 * wilson(changed, len(found)).high
    print(f'{changed} of {len(found)} episodes end otherwise (at most {high:.0f} % of all, 95 %); '
          f'{differ} differ in some detail')


def record_of(found: Sequence[Comparison]) -> Row:
    """What was found, with the machine and the commit that found it."""
    return {
        'episodes': len(found),
        'end_otherwise': sum(item.ends_otherwise for item in found),
        'differ_in_some_detail': sum(bool(item.details) for item in found),
        'cases': [item.case.key for item in found if item.ends_otherwise],
        'commit': provenance.commit(), 'machine': provenance.machine(),
    }


def table_of(found: Sequence[Comparison]) -> Table:
    """Every episode that is not the same."""
    table = Table('suite', 'perturbation', 'task', 'state', 'arm', 'success', 'not the same')
    for item in found:
        if item.details:
            case = item.case
            success = ' -> '.join('yes' if value else 'no' for value in item.success)
            table.add_row(case.suite, case.perturbation, case.task, str(case.state), case.arm,
                          success, ', '.join(item.details))
    return table


if __name__ == '__main__':
    sys.exit(main())
