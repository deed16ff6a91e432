"""Prints requirements.lock: the exact versions of everything installed beside this Python.

    .venv/bin/python scripts/lock.py > requirements.lock
"""

from importlib.metadata import distributions
from pathlib import Path

HEAD = '''\
# Exact versions of everything `make setup` installs; requirements.in says why they are here.
# Written by `make lock`.
'''


def is_our_own(name: str) -> bool:
    """Packages of this repository, which are installed from their sources."""
    sources = Path(__file__).resolve().parent.parent / 'ros2_ws' / 'src'
    return (sources / name.replace('-', '_')).is_dir()


def main() -> None:
    """Prints the lock."""
    # ROS wheels bring .egg-info folders of their content along; those are no packages to install.
    found = {
        item.metadata['Name']: item.version.partition('+')[0]
        for item in distributions()
        if Path(str(item._path)).suffix == '.dist-info'  # noqa: SLF001 (no public way to tell)
    }
    print(HEAD, end='')
    for name in sorted(found, key=str.lower):
        if name != 'pip' and not is_our_own(name):
            print(f'{name}=={found[name]}')


if __name__ == '__main__':
    main()
