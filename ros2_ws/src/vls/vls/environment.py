"""The environment variables of every process that speaks with the stack."""

from __future__ import annotations

import os
from collections.abc import Mapping

from vls.folders import fastdds_profile


def stack_environment(present: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables to set; those the user has set already win.

    Everything stays on this machine unless ROS_AUTOMATIC_DISCOVERY_RANGE says otherwise.
    """
    present = os.environ if present is None else present
    profile = str(fastdds_profile())
    wanted = {
        'ROS_DOMAIN_ID': '0',
        'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST',
        'FASTRTPS_DEFAULT_PROFILES_FILE': profile,  # read by Jazzy's Fast DDS
        'FASTDDS_DEFAULT_PROFILES_FILE': profile,  # the same, since Kilted
        'OMP_NUM_THREADS': '1',  # five processes share the cores
        'PYTHONUNBUFFERED': '1',
        'MUJOCO_GL': 'egl',
    }
    return {name: present.get(name) or value for name, value in wanted.items()}


def adopt_stack_environment() -> None:
    """Sets the variables in this process; call before rclpy.init."""
    os.environ.update(stack_environment())
