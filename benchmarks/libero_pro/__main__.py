"""LIBERO-PRO with a frozen policy, steered and not: python -m benchmarks.libero_pro --help.

Also as `vls bench libero-pro`. Goes on where it was interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from benchmarks.libero_pro.arms import ARMS, BASE, OURS, UnknownArmError, arm_named
from benchmarks.libero_pro.bench import Plan, counted, run
from benchmarks.libero_pro.camera import NoGraphicsError
from benchmarks.libero_pro.figures import draw
from benchmarks.libero_pro.learned import LearnedError, records, why_not
from benchmarks.libero_pro.policy import FAMILIES, Family
from benchmarks.libero_pro.report import terminal_table, write
from benchmarks.libero_pro.suites import (
    DISPLACEMENTS,
    PERTURBATIONS,
    SUITES,
    UnknownTaskError,
    tasks,
)
from vls_core.eval.jobs import RayError, console
from vls_core.eval.rows import Row, RowsError
from vls_core.policies.flow import CheckpointError

RESULTS = Path(__file__).parents[1] / 'results' / 'libero_pro'
QUICK = Path('runs') / 'libero_pro' / 'quick'


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what is missing, and writes tables and pictures of everything that was run."""
    parser = _parser()
    wanted = parser.parse_args(arguments)
    if wanted.episodes < 1 or wanted.processes < 1:
        parser.error('--episodes and --processes begin at 1')
    try:
        plan = _plan(wanted)
        if not plan.cells:
            parser.error('only libero_object has displaced things: add it to --suites')
        for line in _left_out(plan):
            print(line)
        rows = _run(plan, wanted)
    except (UnknownTaskError, UnknownArmError, LearnedError) as error:
        parser.error(str(error))
    except (CheckpointError, NoGraphicsError, RayError, RowsError) as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenProcessPool:
        print('a process that played an episode was ended, most likely for want of memory (each '
              'takes about 2 GB): try fewer --processes; the same command goes on',
              file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f'interrupted; the same command goes on from {wanted.out}', file=sys.stderr)
        return 130
    found = counted(rows, plan.known)
    if len(found) < len(rows):
        print(f'{len(rows) - len(found)} recorded episodes are of tasks that do not count')
    write(found, wanted.out, {'family': plan.family, 'version': plan.version()})
    draw(found, wanted.out)
    console().print(terminal_table(found))
    print(f'wrote {wanted.out}')
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog='vls bench libero-pro', description=__doc__)
    parser.add_argument('--suites', nargs='+', default=list(SUITES), metavar='SUITE',
                        help=', '.join(SUITES))
    parser.add_argument('--perturbations', nargs='+', default=['none', 'task', 'position'],
                        metavar='NAME', help=', '.join((*PERTURBATIONS, *DISPLACEMENTS)))
    parser.add_argument('--arms', nargs='+', default=[BASE, OURS], metavar='ARM',
                        help=', '.join(ARMS))
    parser.add_argument('--episodes', type=int, default=10, help='of each task and arm')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--family', choices=FAMILIES, default='flow', help='of the base policy')
    parser.add_argument('--quick', action='store_true',
                        help='two tasks of each suite, two episodes, into runs/')
    parser.add_argument('--processes', type=int, default=os.cpu_count() or 1)
    parser.add_argument('--ray-address', default='',
                        help='of a Ray cluster; "auto" for a local one')
    parser.add_argument('--out', type=Path, help=f'folder; default {RESULTS}, a family other than '
                        f'{FAMILIES[0]} in one of its own')
    return parser


def _plan(wanted: argparse.Namespace) -> Plan:
    """Raises UnknownTaskError, UnknownArmError, LearnedError."""
    wanted.out = wanted.out or folder_of(wanted.family, wanted.quick)
    for name in wanted.arms:
        arm_named(name)
    cells = []
    for suite in wanted.suites:
        tasks(suite)
        for perturbation in wanted.perturbations:
            if perturbation in DISPLACEMENTS and suite != 'libero_object':
                continue
            tasks(suite, perturbation)
            cells.append((suite, perturbation))
    return Plan(
        tuple(cells), tuple(wanted.arms), 2 if wanted.quick else wanted.episodes, wanted.seed,
        wanted.family, records(), 2 if wanted.quick else None,
    )


def folder_of(family: Family, quick: bool = False) -> Path:
    """Where results of a family of base policies lie; tables of two families never mix."""
    folder = QUICK if quick else RESULTS
    return folder if family == FAMILIES[0] else folder / family


def _run(plan: Plan, wanted: argparse.Namespace) -> list[Row]:
    screen = console()

    def show(rows: Sequence[Row]) -> None:
        screen.print(terminal_table(counted(rows, plan.known)))

    file = wanted.out / f'episodes_{plan.family}.jsonl'
    return run(plan, file, wanted.processes, show, wanted.ray_address)


def _left_out(plan: Plan) -> list[str]:
    """One sentence for every task that does not count."""
    return [
        f'without {item.suite}, {item.perturbation}, {item.name}: {reason}'
        for suite, perturbation in plan.cells for item in tasks(suite, perturbation)
        if (reason := why_not(item, plan.known))
    ]


if __name__ == '__main__':
    sys.exit(main())
