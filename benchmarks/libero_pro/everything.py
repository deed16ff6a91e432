"""All that is reported: python -m benchmarks.libero_pro.everything, or `make bench-libero-pro`.

The headline first; what is held out last, once. A few episodes of every other part come before
the many, so that there is something to see early. Every part goes on where it was interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from benchmarks.libero_pro.__main__ import main as run_part
from benchmarks.libero_pro.arms import ARMS, BASE, BASELINES, OURS
from benchmarks.libero_pro.suites import DISPLACEMENTS, SUITES

EPISODES = 10
FIRST_ROUNDS = (2, 5)
"""Episodes of each task and arm after which every other part has its turn."""
TUNED_ON = ('libero_object', 'libero_goal')
BEST_BASELINES = ('best of N', 'as coded, best executed')
PARTS: tuple[tuple[str, ...], ...] = (
    ('--suites', *TUNED_ON, '--perturbations', 'none', 'task', 'position', '--arms', BASE, OURS),
    ('--suites', *TUNED_ON, '--perturbations', 'task', 'position', '--arms', *ARMS),
    ('--perturbations', 'none', '--arms', 'ours without ladder'),
    ('--suites', 'libero_object', '--perturbations', *DISPLACEMENTS,
     '--arms', BASE, *BEST_BASELINES, OURS),
    ('--suites', *TUNED_ON, '--perturbations', 'semantic', '--arms', BASE, OURS),
    ('--family', 'diffusion', '--suites', 'libero_object', '--perturbations', 'none', 'task',
     'position', '--arms', BASE, OURS),
    ('--suites', 'libero_spatial', '--perturbations', 'task', 'position',
     '--arms', BASE, *BASELINES, OURS),
    ('--suites', 'libero_spatial', '--perturbations', 'none', 'semantic', '--arms', BASE, OURS),
    ('--suites', *SUITES, '--perturbations', 'object', '--arms', BASE, OURS),
)
"""What `vls bench libero-pro` is asked for, one after the other."""
HELD_OUT_PARTS = 3
"""The last ones, which are run once."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs every part; ends with the first that fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--quick', action='store_true',
                        help='the headline alone, with two tasks of a suite and two episodes')
    parser.add_argument('--episodes', type=int, default=EPISODES, help='of each task and arm')
    wanted = parser.parse_args(arguments)
    if wanted.quick:
        return run_part(['--quick'])
    for episodes in rounds(wanted.episodes):
        for part in PARTS if episodes == wanted.episodes else PARTS[:-HELD_OUT_PARTS]:
            code = run_part([*part, '--episodes', str(episodes)])
            if code:
                return code
    return 0


def rounds(episodes: int) -> list[int]:
    """Episodes of each task and arm, at the end of each round over all parts."""
    return [number for number in FIRST_ROUNDS if number < episodes] + [episodes]


if __name__ == '__main__':
    sys.exit(main())
