"""How a worker gives up everything it does not need, in two steps around its imports.

Each protection stands for itself: what this machine does not permit is reported as not in force.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal

from vls_core.rewards.code.system_calls import deny_system_calls

PIPE = 0
"""Standard input; being the lowest descriptor, a limit of one leaves no room for another."""
EXTRA_MEMORY = 2**30
"""What a worker may allocate beyond what it has when it is ready [bytes of address space]."""
PROCESSOR_SECONDS = 3600
"""Over the life of a worker, should its owner hang; otherwise deadlines come first."""
_SET_PARENT_DEATH_SIGNAL, _SET_NO_NEW_PRIVILEGES = 1, 38
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000


def before_imports() -> dict[str, bool]:
    """What can be given up at once. Returns whether each protection is in force."""
    libc = ctypes.CDLL(None, use_errno=True)
    return {
        'ends with its owner': libc.prctl(
            _SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0) == 0,
        'no new privileges': libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0,
        'no network': libc.unshare(_NEW_NETWORK) == 0
        or libc.unshare(_NEW_USER | _NEW_NETWORK) == 0,
    }


def after_imports() -> dict[str, bool]:
    """The rest, when everything is loaded and warm; afterwards no file can be opened.

    Standard input, the pipe to the owner, is the only descriptor that stays open.
    """
    memory = _address_space() + EXTRA_MEMORY
    os.closerange(PIPE + 1, os.sysconf('SC_OPEN_MAX'))
    return {
        'memory': _limited(resource.RLIMIT_AS, memory),
        'processor time': _limited(resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        'no core dumps': _limited(resource.RLIMIT_CORE, 0),
        'no writing to files': _limited(resource.RLIMIT_FSIZE, 0),
        'no new descriptors': _limited(resource.RLIMIT_NOFILE, PIPE + 1),
        'no new processes': _limited(resource.RLIMIT_NPROC, 0),
        'system calls': deny_system_calls(),
    }


def _address_space() -> int:
    with open('/proc/self/statm', encoding='ascii') as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def _limited(kind: int, amount: int) -> bool:
    """Lowers a limit for good, never above what it was."""
    hard = resource.getrlimit(kind)[1]
    amount = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
    try:
        resource.setrlimit(kind, (amount, amount))
    except (OSError, ValueError):
        return False
    return True
