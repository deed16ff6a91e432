"""What goes over the pipe between a worker and the process that owns it.

Requests are pickled: the worker trusts its owner. Answers are not, because unpickling runs
whatever the sender likes and a worker is where hostile code would get to if everything else
failed. An answer is JSON, with tensors as raw numbers behind it; reading one cannot do more than
fail.
"""

from __future__ import annotations

import json
import math
import os
import pickle
import socket
import struct
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

MAXIMUM_BYTES = 64 * 2**20
_LENGTH = struct.Struct('>I')
_TENSOR = '$tensor'
_TYPES = {'float32': np.float32, 'float64': np.float64, 'int64': np.int64, 'bool': np.bool_}


class MessageError(ValueError):
    """An answer is not what a worker of ours would send."""


def encode_request(handler: str, arguments: tuple[Any, ...]) -> bytes:
    """A request; arguments are of importable classes."""
    return pickle.dumps((handler, arguments), protocol=5)


def decode_request(message: bytes) -> tuple[str, tuple[Any, ...]]:
    """For the worker alone, which trusts where it comes from."""
    return pickle.loads(message)


def encode_answer(value: Any) -> bytes:
    """Plain data and tensors: None, bool, int, float, str, list, tuple, dict by str, Tensor.

    Tuples arrive as lists. Raises TypeError for anything else.
    """
    buffers: list[bytes] = []
    text = json.dumps(_plain(value, buffers)).encode()
    return b''.join([_LENGTH.pack(len(text)), text, *buffers])


def decode_answer(message: bytes) -> Any:
    """What was encoded. Raises MessageError for bytes that no answer consists of."""
    try:
        (length,) = _LENGTH.unpack_from(message)
        end = _LENGTH.size + length
        if end > len(message):
            raise ValueError('it is cut off')
        return _rebuilt(json.loads(message[_LENGTH.size:end]), _Buffers(message, end))
    except (ValueError, KeyError, TypeError, RecursionError, struct.error) as error:
        raise MessageError(f'the answer of a worker makes no sense: {error}') from error


def _plain(value: Any, buffers: list[bytes]) -> Any:
    if isinstance(value, torch.Tensor):
        array = value.detach().cpu().contiguous().numpy()
        if array.dtype.name not in _TYPES:
            raise TypeError(f'tensors of {array.dtype} cannot be sent')
        buffers.append(array.tobytes())
        return {_TENSOR: [array.dtype.name, list(array.shape)]}
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise TypeError('only dictionaries by text can be sent')
        return {key: _plain(item, buffers) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, buffers) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f'{type(value).__name__} cannot be sent')


class _Buffers:
    """Hands out the raw bytes behind the JSON, one tensor after the other."""

    def __init__(self, message: bytes, start: int) -> None:
        self._message = message
        self._next = start

    def tensor(self, name: str, shape: list[int]) -> torch.Tensor:
        if not all(type(length) is int and length >= 0 for length in shape):
            raise ValueError(f'a shape of {shape}')
        dtype, count = np.dtype(_TYPES[name]), math.prod(shape)
        array = np.frombuffer(self._message, dtype, count, self._next)
        self._next += count * dtype.itemsize
        return torch.from_numpy(array.reshape(shape).copy())


def _rebuilt(value: Any, buffers: _Buffers) -> Any:
    if isinstance(value, dict):
        if value.keys() == {_TENSOR}:
            return buffers.tensor(*value[_TENSOR])
        return {key: _rebuilt(item, buffers) for key, item in value.items()}
    if isinstance(value, list):
        return [_rebuilt(item, buffers) for item in value]
    return value


def send(connection: socket.socket, message: bytes, seconds: float) -> None:
    """Raises TimeoutError, or OSError if nobody listens any more."""
    connection.settimeout(max(seconds, 1e-3))
    connection.sendall(_LENGTH.pack(len(message)) + message)


def receive(connection: socket.socket, left: Callable[[], float]) -> bytes:
    """The next message.

    Args:
        left: how long to wait before asking again [s]; 0 or less: no longer. An answer that is
            there by then counts: whoever asks may have been kept from looking.

    Raises:
        TimeoutError: it is not complete in time.
        EOFError: the other side has gone.
        MessageError: it is too long.
    """
    header = _read(connection, _LENGTH.size, left)
    (length,) = _LENGTH.unpack(header)
    if length > MAXIMUM_BYTES:
        raise MessageError(f'an answer of {length} bytes is too long')
    return _read(connection, length, left)


def _read(connection: socket.socket, count: int, left: Callable[[], float]) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        seconds = max(left(), 0.0)
        connection.settimeout(seconds)  # 0: what has come already is read, even if it is late
        try:
            part = connection.recv(min(count - len(parts), 2**20))
        except (TimeoutError, BlockingIOError):
            if not seconds:
                raise TimeoutError from None
            continue
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


def requests(descriptor: int) -> Iterator[bytes]:
    """Every message that arrives at a descriptor, until the other side closes it."""
    while True:
        header = _read_descriptor(descriptor, _LENGTH.size)
        if not header:
            return
        yield _read_descriptor(descriptor, _LENGTH.unpack(header)[0])


def write(descriptor: int, message: bytes) -> None:
    """Sends a message from a descriptor."""
    rest = memoryview(_LENGTH.pack(len(message)) + message)
    while rest:
        rest = rest[os.write(descriptor, rest):]


def _read_descriptor(descriptor: int, count: int) -> bytes:
    """That many bytes, or fewer if the other side has gone."""
    parts = bytearray()
    while len(parts) < count:
        part = os.read(descriptor, count - len(parts))
        if not part:
            break
        parts += part
    return bytes(parts)
