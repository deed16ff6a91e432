"""Connecting never hangs."""

import threading

import pytest

from franka_bridge.connecting import bounded


def test_the_value_or_the_error_of_the_attempt_comes_back():
    assert bounded(lambda: 7, 5.0) == 7
    with pytest.raises(ZeroDivisionError):
        bounded(lambda: 1 / 0, 5.0)


def test_an_attempt_that_hangs_is_given_up():
    never = threading.Event()
    with pytest.raises(TimeoutError, match='no answer'):
        bounded(never.wait, 0.05)
    never.set()
