"""What a number depends on: commit, versions, machine."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    'ros-jazzy-rclpy', 'torch', 'mujoco', 'franky-control', 'franky-sim', 'opencv-python', 'numpy'
)


def commit() -> str:
    """The commit of the sources, with -dirty if they were changed since; '' outside of git."""
    command = ['git', 'describe', '--always', '--dirty', '--abbrev=12', '--exclude=*']
    try:
        result = subprocess.run(
            command, cwd=Path(__file__).resolve().parent, capture_output=True, text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ''
    return result.stdout.strip()


def versions() -> dict[str, str]:
    """Of Python and of the packages that matter."""
    found = {'python': platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = 'not installed'
    return found


def machine() -> dict[str, object]:
    """Processor, cores and system; no host name."""
    model = ''
    cpu_info = Path('/proc/cpuinfo')
    if cpu_info.exists():
        lines = cpu_info.read_text().splitlines()
        model = next((line.split(':')[1].strip() for line in lines if 'model name' in line), '')
    return {
        'processor': model or platform.machine(),
        'cores': len(os.sched_getaffinity(0)),
        'system': platform.system(),
    }
