"""What is asked about: which robot, which endpoint, which folders."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from vls.folders import fastdds_profile, share_folder


@dataclass(frozen=True)
class Subject:
    """What is asked about.

    Attributes:
        robot_ip: address of the robot; '' if there is none to ask.
        vlm_base_url: root of an OpenAI-compatible endpoint; '' if there is none to ask.
        vlm_model: name of the model there; '' if any will do.
        api_key_variable: environment variable that holds the key of the endpoint.
        runs: where runs leave their files.
        lock_file: the versions this stack was tested with.
        profile: the Fast DDS profile of the stack.
    """

    robot_ip: str = ''
    vlm_base_url: str = ''
    vlm_model: str = ''
    api_key_variable: str = 'OPENAI_API_KEY'
    runs: Path = Path('runs')
    lock_file: Path = share_folder().parents[2] / 'requirements.lock'
    profile: Path = fastdds_profile()

    @property
    def real_robot(self) -> bool:
        """There is a robot, and it is not on this very computer, where only simulated ones are."""
        if not self.robot_ip:
            return False
        try:
            return not ipaddress.ip_address(self.robot_ip).is_loopback
        except ValueError:  # a host name
            return self.robot_ip != 'localhost'
