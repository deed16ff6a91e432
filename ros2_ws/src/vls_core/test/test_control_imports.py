"""The robot computer installs neither torch nor a language-model client nor pydantic."""

import subprocess
import sys

SCRIPT = """
import importlib, pkgutil, sys
for blocked in ('torch', 'openai', 'pydantic', 'rclpy'):
    sys.modules[blocked] = None
import vls_core.control, vls_core.types
names = [item.name for item in pkgutil.iter_modules(vls_core.control.__path__)]
assert len(names) > 5, names
for name in names:
    importlib.import_module('vls_core.control.' + name)
"""


def test_control_imports_without_torch_openai_pydantic_and_rclpy():
    result = subprocess.run([sys.executable, '-c', SCRIPT], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
