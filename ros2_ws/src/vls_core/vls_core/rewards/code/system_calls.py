"""A filter that leaves a process the few system calls a calculation needs (Linux, seccomp).

With it a process cannot open files or sockets, start processes or threads, or signal others, even
as root; every such attempt fails with EPERM. See seccomp(2).
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

_SET_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _ERROR, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER_OFFSET, _ARCHITECTURE_OFFSET = 0, 4
_ARCHITECTURES = {
    # Its audit number, and the numbers of: read, write, close, fstat, lseek, mmap, mprotect,
    # munmap, brk, rt_sigaction, rt_sigprocmask, rt_sigreturn, mremap, madvise, sched_yield,
    # getpid, exit, exit_group, futex, clock_gettime, clock_getres, clock_nanosleep, nanosleep,
    # gettid, sched_getaffinity, getrandom, getrusage, restart_syscall, sigaltstack, rseq,
    # membarrier, set_robust_list, getcpu, sysinfo.
    'x86_64': (0xC000003E, (
        0, 1, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 25, 28, 24, 39, 60, 231, 202, 228, 229, 230, 35,
        186, 204, 318, 98, 219, 131, 334, 324, 273, 309, 99,
    )),
    'aarch64': (0xC00000B7, (
        63, 64, 57, 80, 62, 222, 226, 215, 214, 134, 135, 139, 216, 233, 124, 172, 93, 94, 98,
        113, 114, 115, 101, 178, 123, 278, 165, 128, 132, 293, 283, 99, 168, 179,
    )),
}


class _Program(ctypes.Structure):
    _fields_ = (('length', ctypes.c_ushort), ('filter', ctypes.c_char_p))


def deny_system_calls() -> bool:
    """Puts the filter in force for good. Returns whether this machine could do so."""
    machine = _ARCHITECTURES.get(platform.machine())
    if machine is None:
        return False
    code = _filter(*machine)
    program = _Program(len(code) // 8, code)
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    return prctl(_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0) == 0


def _filter(architecture: int, allowed: tuple[int, ...]) -> bytes:
    """Instructions (code, jump if true, jump if false, operand) of classic BPF."""
    count = len(allowed)
    instructions = [
        (_LOAD, 0, 0, _ARCHITECTURE_OFFSET),
        (_JUMP_IF_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_OFFSET),
        *((_JUMP_IF_EQUAL, count - index, 0, number) for index, number in enumerate(allowed)),
        (_RETURN, 0, 0, _ERROR | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b''.join(struct.pack('=HBBI', *instruction) for instruction in instructions)
