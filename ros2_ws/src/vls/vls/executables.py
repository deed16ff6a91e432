"""Finds the executables of nodes, whether they were installed by pip or by colcon."""

from __future__ import annotations

import os
import sys
from pathlib import Path


class MissingExecutableError(FileNotFoundError):
    """A node of the stack is not installed; the message says what to do."""

    def __init__(self, package: str, executable: str) -> None:
        self.package = package
        self.executable = executable
        super().__init__(package, executable)

    def __str__(self) -> str:
        advice = {
            'rviz2': 'rviz2 comes with a ROS 2 desktop install; leave rviz out, or install it',
        }.get(self.package, 'run `make setup`, or build the workspace with colcon and source it')
        return f'{self.executable} of package {self.package} is not installed: {advice}'


def find_executable(package: str, executable: str) -> Path:
    """Where colcon (lib/<package>/ of each prefix) or pip (beside this Python) put an executable.

    Raises MissingExecutableError.
    """
    prefixes = [Path(item) for item in os.environ.get('AMENT_PREFIX_PATH', '').split(':') if item]
    candidates = [prefix / 'lib' / package / executable for prefix in prefixes]
    candidates.append(Path(sys.executable).parent / executable)
    for candidate in candidates:
        if os.access(candidate, os.X_OK):
            return candidate
    raise MissingExecutableError(package, executable)
