"""What a thread asks of the kernel to be on time: a priority, cores of its own, memory that stays.

Nothing of it is needed to work, so that a refusal is reported and not raised: a simulated robot
runs on any laptop. What cannot be meant is raised.
"""

from __future__ import annotations

import ctypes
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from vls_core.types import InvalidValueError

LOWEST_PRIORITY, HIGHEST_PRIORITY = 1, 99
"""Of SCHED_FIFO."""

_MCL_CURRENT, _MCL_FUTURE = 1, 2
_MEBIBYTE = 1024 * 1024
_HOW_TO_BE_ALLOWED = (
    'copy docker/limits.conf to /etc/security/limits.d/vls.conf (its {name} lines) and log in '
    'again; in a container give {container}'
)


class InvalidSchedulingError(InvalidValueError):
    """No machine, or not this one, can do what is asked; the message says what is wrong."""


@dataclass(frozen=True)
class SchedulingRequest:
    """What to ask for; by default nothing.

    Attributes:
        priority: SCHED_FIFO priority of the thread, 1 to 99; 0 leaves it as it is. libfranka
            takes 99 for its own loop: stay below.
        cpu: numbers of the cores the thread may use; empty leaves them as they are.
        lock_memory: keep all memory of the process from being swapped out.

    Raises:
        InvalidSchedulingError: the priority is out of range, or a core is negative or named twice.
    """

    priority: int = 0
    cpu: tuple[int, ...] = ()
    lock_memory: bool = False

    def __post_init__(self) -> None:
        if self.priority and not LOWEST_PRIORITY <= self.priority <= HIGHEST_PRIORITY:
            raise InvalidSchedulingError(
                f'priority must be {LOWEST_PRIORITY} to {HIGHEST_PRIORITY}, or 0 to leave it as '
                f'it is, got {self.priority}'
            )
        if min(self.cpu, default=0) < 0 or len(set(self.cpu)) < len(self.cpu):
            raise InvalidSchedulingError(
                f'cpu must name different cores from 0 on, got {list(self.cpu)}'
            )


@dataclass(frozen=True)
class SchedulingReport:
    """What became of a request, a sentence each; both are empty if nothing was asked for.

    Attributes:
        granted: what holds from now on.
        refused: what does not, and what to do about it.
    """

    granted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def apply_to_this_thread(request: SchedulingRequest) -> SchedulingReport:
    """Asks the kernel for what is wanted, for the thread that calls; memory is the process's.

    Threads it starts later have an ordinary priority, but its cores.

    Raises:
        InvalidSchedulingError: this machine has no such core; then nothing has been changed.
    """
    _require_cores(request.cpu)
    answers = []
    if request.lock_memory:
        answers.append(_lock_memory())
    if request.cpu:
        answers.append(_use_cores(request.cpu))
    if request.priority:
        answers.append(_take_priority(request.priority))
    return SchedulingReport(
        tuple(sentence for granted, sentence in answers if granted),
        tuple(sentence for granted, sentence in answers if not granted),
    )


@contextmanager
def starting_threads_with(priority: int) -> Iterator[None]:
    """Threads that a library starts inside begin with a SCHED_FIFO priority; 0 changes nothing.

    Where that is not permitted they begin as ordinary ones: `vls doctor` says so.
    """
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        if priority:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(priority))
    except OSError:
        yield
        return
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, parameters)


def _require_cores(cpu: tuple[int, ...]) -> None:
    count = os.sysconf('SC_NPROCESSORS_CONF')
    missing = [number for number in cpu if number >= count]
    if missing:
        raise InvalidSchedulingError(
            f'cpu names {missing}, but this machine has the cores 0 to {count - 1}'
        )


def _take_priority(priority: int) -> tuple[bool, str]:
    try:
        # What the thread starts must not compete with it: threads of libraries, child processes.
        os.sched_setscheduler(
            0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(priority)
        )
    except OSError as error:
        allowed, _ = resource.getrlimit(resource.RLIMIT_RTPRIO)
        advice = _HOW_TO_BE_ALLOWED.format(
            name='rtprio', container='--cap-add SYS_NICE --ulimit rtprio=99'
        )
        return False, (
            f'SCHED_FIFO priority {priority} was refused ({error.strerror}; this user may take '
            f'up to {allowed}): {advice}'
        )
    return True, f'SCHED_FIFO priority {priority}'


def _use_cores(cpu: tuple[int, ...]) -> tuple[bool, str]:
    cores = ', '.join(map(str, sorted(cpu)))
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, cpu)
    except OSError as error:
        return False, _refused_cores(cores, before, str(error.strerror))
    left_out = set(cpu) - os.sched_getaffinity(0)
    if left_out:  # the kernel takes what it can get of them and keeps silent about the rest
        os.sched_setaffinity(0, before)
        return False, _refused_cores(cores, before, f'{sorted(left_out)} not to be had')
    return True, f'runs on core {cores}'


def _refused_cores(cores: str, before: set[int], reason: str) -> str:
    return (
        f'core {cores} was refused ({reason}): name cores that are switched on and given to this '
        f'process, now {", ".join(map(str, sorted(before)))}; in a container see --cpuset-cpus'
    )


def _lock_memory() -> tuple[bool, str]:
    library = ctypes.CDLL(None, use_errno=True)
    limit, _ = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    allowed = 'any amount' if limit == resource.RLIM_INFINITY else f'{limit // _MEBIBYTE} MiB'
    if library.mlockall(_MCL_CURRENT | _MCL_FUTURE) != 0:
        advice = _HOW_TO_BE_ALLOWED.format(name='memlock', container='--ulimit memlock=-1')
        return False, (
            f'locking the memory was refused ({os.strerror(ctypes.get_errno())}; this user may '
            f'lock {allowed}): {advice}'
        )
    return True, f'memory is locked (this user may lock {allowed})'
