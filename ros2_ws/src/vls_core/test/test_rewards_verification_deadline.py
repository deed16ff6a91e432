"""Time runs out for a program, but not for what is not its fault."""

from __future__ import annotations

import pytest

from vls_core.rewards.verification.deadline import Deadline, OutOfTimeError


class Clock:
    def __init__(self):
        self.time = 5.0

    def __call__(self):
        return self.time


def test_what_is_left_shrinks_until_there_is_none():
    clock = Clock()
    deadline = Deadline(2.0, clock)
    assert deadline.remaining == 2.0
    clock.time += 1.5
    deadline.require()
    assert deadline.remaining == 0.5
    clock.time += 1.0
    assert deadline.remaining == 0.0
    with pytest.raises(OutOfTimeError, match='within 2 s'):
        deadline.require()


def test_a_pause_does_not_count_even_if_it_ends_badly():
    clock = Clock()
    deadline = Deadline(2.0, clock)
    with deadline.paused():
        clock.time += 60.0
    with pytest.raises(KeyError), deadline.paused():
        clock.time += 60.0
        raise KeyError
    assert deadline.remaining == 2.0
