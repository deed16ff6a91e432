"""Where the files of this package, of a run and of the running stack are."""

from __future__ import annotations

import os
import time
from pathlib import Path


def share_folder() -> Path:
    """Holds launch/, config/ and rviz/: the source tree, or share/vls once installed."""
    source = Path(__file__).resolve().parent.parent
    if (source / 'config').is_dir():
        return source
    from ament_index_python.packages import get_package_share_directory

    return Path(get_package_share_directory('vls'))


def default_parameter_file() -> Path:
    """The parameters of the demo."""
    return share_folder() / 'config' / 'franka_demo.yaml'


def rviz_file() -> Path:
    """The rviz configuration of the demo."""
    return share_folder() / 'rviz' / 'franka_demo.rviz'


def fastdds_profile() -> Path:
    """The Fast DDS profile every node has to use: without it, half of the pictures get lost."""
    return share_folder() / 'config' / 'fastdds_shared_memory.xml'


def new_run_folder(parent: Path = Path('runs')) -> Path:
    """Makes and returns a folder named by the present time, e.g. runs/2025-01-31_14-05-09."""
    stem = time.strftime('%Y-%m-%d_%H-%M-%S')
    for suffix in ('', *(f'_{number}' for number in range(2, 100))):
        folder = (parent / f'{stem}{suffix}').resolve()
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise FileExistsError(f'{parent / stem} and its successors exist already')


def state_folder() -> Path:
    """The private folder of the stack that runs on the present ROS domain.

    It is short on purpose: paths of Unix sockets are limited to 107 characters.

    Raises PermissionError if somebody else owns the folder.
    """
    root = Path('/tmp') / f'vls-{os.getuid()}'
    folder = root / f'domain-{os.environ.get("ROS_DOMAIN_ID") or "0"}'
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in (root, folder):
        if path.stat().st_uid != os.getuid():
            raise PermissionError(f'{path} belongs to somebody else; remove it')
        path.chmod(0o700)
    return folder
