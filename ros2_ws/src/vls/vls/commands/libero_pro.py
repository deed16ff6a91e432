"""`vls bench libero-pro`: runs in an environment of its own, for LIBERO needs older versions."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from typer import Context, Exit

from vls.display import ERRORS

PYTHON = Path('.venv.libero') / 'bin' / 'python'
MODULE = Path('benchmarks') / 'libero_pro'
_INTERRUPTED = 130


def bench_libero_pro(context: Context) -> None:
    """LIBERO-PRO with a frozen policy, steered and not; --help lists suites, arms and options."""
    root = checkout(Path.cwd())
    if root is None:
        ERRORS.print('this is no checkout of the repository with a LIBERO environment: go to its '
                     'root and run `make setup-libero` (2 GB)', soft_wrap=True)
        raise Exit(1)
    sources = (root, root / 'ros2_ws' / 'src' / 'vls_core')
    environment = {
        'MUJOCO_GL': 'egl', **os.environ, 'OMP_NUM_THREADS': '1',
        'PYTHONPATH': os.pathsep.join(map(str, sources)),
    }
    command = [root / PYTHON, '-m', '.'.join(MODULE.parts), *context.args]
    process = subprocess.Popen(command, env=environment)
    try:
        code = process.wait()
    except KeyboardInterrupt:
        # The benchmark gets Ctrl-C as well, and says how to go on.
        process.wait()
        code = _INTERRUPTED
    raise Exit(code)


def checkout(start: Path) -> Path | None:
    """The nearest folder, upwards, that has the benchmark and its environment."""
    for folder in (start, *start.parents):
        if (folder / MODULE).is_dir() and (folder / PYTHON).exists():
            return folder
    return None
