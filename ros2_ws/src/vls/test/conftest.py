import os

# Before anything imports MuJoCo, whose choice of a renderer holds for the whole test run.
os.environ.setdefault('MUJOCO_GL', 'egl')

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def executables(tmp_path, monkeypatch):
    """Every executable of the node table exists, as an empty script under an ament prefix."""
    from vls.node_table import NODE_TABLE

    for entry in NODE_TABLE:
        path = tmp_path / 'prefix' / 'lib' / entry.package / entry.executable
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('#!/bin/sh\n')
        path.chmod(0o755)
    monkeypatch.setenv('AMENT_PREFIX_PATH', str(tmp_path / 'prefix'))
    return tmp_path / 'prefix'
