"""An answer that is there counts, however late its reader looks; half an answer does not."""

import socket
import struct

import pytest

from vls_core.rewards.code import messages

MESSAGE = b'an answer'


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def framed(message):
    return struct.pack('>I', len(message)) + message


def exhausted():
    """Seconds left for whoever was kept from looking for too long."""
    return -1.0


def test_an_answer_that_came_while_its_reader_paused_is_read(pair):
    ours, theirs = pair
    theirs.sendall(framed(MESSAGE))
    assert messages.receive(ours, exhausted) == MESSAGE


@pytest.mark.parametrize('part', [b'', framed(MESSAGE)[:2], framed(MESSAGE)[:-1]])
def test_what_is_not_complete_by_then_is_too_late(pair, part):
    ours, theirs = pair
    theirs.sendall(part)
    with pytest.raises(TimeoutError):
        messages.receive(ours, exhausted)


def test_a_reader_with_time_left_waits_for_the_rest(pair):
    ours, theirs = pair
    whole = framed(MESSAGE)
    theirs.sendall(whole[:3])
    asked = []

    def left():
        asked.append(None)
        if len(asked) == 3:
            theirs.sendall(whole[3:])
        return 0.01

    assert messages.receive(ours, left) == MESSAGE


def test_a_reader_is_told_when_the_other_side_has_gone(pair):
    ours, theirs = pair
    theirs.close()
    with pytest.raises(EOFError):
        messages.receive(ours, exhausted)
