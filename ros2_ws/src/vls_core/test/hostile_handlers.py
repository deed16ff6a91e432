"""Handlers that try to get out of a worker, or to wear it down: what hostile code would do in it.

Each returns what went wrong, or 'done' if nothing did.
"""

import ctypes
import errno
import os
import signal
import socket
import subprocess
import threading
import time

import torch

from vls_core.rewards.code.errors import RewardCodeError


def warm_up():
    torch.set_num_threads(1)
    torch.ones(1000, requires_grad=True).sum().backward()


def _attempt(action):
    try:
        action()
    except BaseException as error:
        return type(error).__name__
    return 'done'


def read_a_file():
    return _attempt(lambda: open('/etc/passwd'))


def write_a_file(folder):
    return _attempt(lambda: open(os.path.join(folder, 'escaped'), 'w'))


def remove_a_file(path):
    return _attempt(lambda: os.remove(path))


def list_a_folder():
    return _attempt(lambda: os.listdir('/'))


def make_a_socket():
    return _attempt(socket.socket)


def make_a_socket_without_python():
    return 'done' if ctypes.CDLL(None).socket(2, 1, 0) >= 0 else 'refused'


def fork():
    return _attempt(os.fork)


def run_a_program():
    return _attempt(lambda: subprocess.run(['true'], check=True))


def replace_itself():
    return _attempt(lambda: os.execv('/bin/true', ['true']))


def start_a_thread():
    return _attempt(threading.Thread(target=int).start)


def signal_its_owner():
    return _attempt(lambda: os.kill(os.getppid(), signal.SIGTERM))


def raise_a_limit():
    import resource
    return _attempt(lambda: resource.setrlimit(
        resource.RLIMIT_NOFILE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)))


def trace_its_owner():
    return 'done' if ctypes.CDLL(None).ptrace(16, os.getpid(), 0, 0) == 0 else 'refused'


def descriptors():
    return [number for number in range(64) if _is_open(number)]


def _is_open(number):
    try:
        os.lseek(number, 0, os.SEEK_CUR)
    except OSError as error:
        return error.errno != errno.EBADF
    return True


def environment():
    return dict(os.environ)


def write_to_standard_output():
    return _attempt(lambda: os.write(1, b'escaped'))


def loop_for_ever():
    while True:
        pass


def loop_without_python():
    torch.ones(3000, 3000).matrix_power(10**9)


def allocate(size):
    return _attempt(lambda: torch.ones(size))


def allocate_for_ever():
    kept = []
    while True:
        kept.append(bytearray(2**24))


def exit_at_once():
    os._exit(3)


def crash():
    ctypes.string_at(0)


def recurse():
    return recurse()


def raise_something():
    raise KeyError('what')


def refuse():
    raise RewardCodeError('not like that', 7)


def send(payload):
    os.write(0, payload)
    time.sleep(60)


def send_an_object():
    return object()


def echo(value):
    return value


def tensors():
    return {'single': torch.arange(3.0), 'double': [torch.eye(2, dtype=torch.float64)],
            'empty': torch.zeros(0, 3), 'bool': torch.tensor(True), 'number': float('inf')}


HANDLERS = {name: item for name, item in list(globals().items())
            if callable(item) and getattr(item, '__module__', '') == __name__}
