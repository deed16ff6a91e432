"""Replaces itself by a command that gets SIGINT when its parent dies, however that happens.

    python -I -S bound_to_parent.py command argument ...

supervisord ends its processes when it is told to end, but not when it is killed.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Asks the kernel for the signal, then becomes the command."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # shells start background jobs with it ignored
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
    if not parent_is_supervisord():
        sys.exit('the process manager is gone already')  # before the kernel knew our wish
    os.execv(sys.argv[1], sys.argv[1:])


def parent_is_supervisord() -> bool:
    """An orphan has another parent, whoever collects orphans here."""
    try:
        with open(f'/proc/{os.getppid()}/cmdline', 'rb') as words:
            return b'supervisord' in words.read()
    except FileNotFoundError:
        return False


if __name__ == '__main__':
    main()
