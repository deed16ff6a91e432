"""Real processes for tests: small scripts in the place of nodes, and what became of them."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from vls.node_table import NodeCommand
from vls.runner.stack import process_alive as alive

__all__ = ['PATIENT', 'alive', 'make_command', 'wait_until']

PATIENT = 'import time\nwhile True:\n    time.sleep(0.05)\n'
"""Runs until SIGINT, like a node."""


def wait_until(condition, timeout: float = 60.0) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, 'waited in vain'
        time.sleep(0.02)


def make_command(folder: Path, name: str, python: str) -> NodeCommand:
    """A node whose executable is a Python script, below an ament prefix in folder."""
    script = folder / 'prefix' / 'lib' / 'test_package' / name
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(f'#!{sys.executable}\n{python}')
    script.chmod(0o755)
    parameters = folder / 'parameters.yaml'
    parameters.write_text('{}')
    os.environ['AMENT_PREFIX_PATH'] = str(folder / 'prefix')
    return NodeCommand('test_package', name, name, '', parameters)
