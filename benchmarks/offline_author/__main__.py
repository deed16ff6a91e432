"""What becomes of the offline author's programs in the simulated scene.

Sentences that the demo's policy was never trained for are written as programs by the rules, and
played with the frozen policy alone and steered: same layout, same perception noise, same first
sampling noise. `python -m benchmarks.offline_author` takes ten minutes on an idle machine.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from benchmarks.offline_author.episode import TIME_LIMIT
from benchmarks.offline_author.report import cells, table
from benchmarks.offline_author.runs import cases, run
from benchmarks.offline_author.tasks import TASKS
from benchmarks.steering.report import markdown
from benchmarks.steering.version import CHECKPOINT, ROOT, SOURCES, content_version
from vls_core.eval import provenance
from vls_core.eval.jobs import console

RESULTS = ROOT / 'benchmarks' / 'results' / 'offline_author'
FIRST_SEED = 2200
"""The rules were tried out on seeds below this alone."""
SEEDS = 10


def main() -> None:
    """Command line."""
    names = [task.name for task in TASKS]
    parser = argparse.ArgumentParser('python -m benchmarks.offline_author', description=__doc__)
    parser.add_argument('--seeds', type=int, default=SEEDS, help=f'how many, from {FIRST_SEED} on')
    parser.add_argument('--tasks', nargs='+', choices=names, default=names)
    parser.add_argument('--processes', type=int, default=1)
    parser.add_argument('--out', type=Path, default=RESULTS)
    arguments = parser.parse_args()
    seeds = range(FIRST_SEED, FIRST_SEED + arguments.seeds)
    depends_on = _depends_on(seeds)
    rows = run(cases(seeds, arguments.tasks), arguments.processes)
    summary = cells(rows)
    arguments.out.mkdir(parents=True, exist_ok=True)
    result = {'cells': summary, 'provenance': depends_on, 'rows': rows}
    (arguments.out / 'summary.json').write_text(json.dumps(result, indent=1) + '\n')
    (arguments.out / 'table.md').write_text(markdown(table(summary)))
    console().print(table(summary))


def _depends_on(seeds: Sequence[int]) -> dict[str, object]:
    """What the numbers depend on, taken before anything is run or written."""
    packages = (SOURCES / name / name for name in ('vls_core', 'vls_sim'))
    return {
        'commit': provenance.commit(),
        'content': content_version((Path(__file__).parent, *packages, CHECKPOINT)),
        'sentences': {task.name: task.sentence for task in TASKS},
        'seeds': list(seeds),
        'time limit [s]': TIME_LIMIT,
        'interval': 'Wilson score, 95 %',
        'versions': provenance.versions(),
        'machine': provenance.machine(),
    }


if __name__ == '__main__':
    main()
