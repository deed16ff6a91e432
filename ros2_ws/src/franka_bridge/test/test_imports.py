"""The robot computer installs neither torch nor a language-model client nor pydantic."""

import subprocess
import sys

SCRIPT = """
import importlib, pkgutil, sys
for blocked in ('torch', 'openai', 'pydantic'):
    sys.modules[blocked] = None
import franka_bridge
names = [item.name for item in pkgutil.iter_modules(franka_bridge.__path__)]
assert 'bridge_node' in names, names
for name in names:
    importlib.import_module('franka_bridge.' + name)
"""


def test_the_bridge_imports_without_torch_openai_and_pydantic():
    result = subprocess.run([sys.executable, '-c', SCRIPT], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
