"""Connecting never hangs."""

import threading

import pytest

from franka_bridge import connecting
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


class NotYetError(Exception):
    pass


def test_what_is_still_starting_is_tried_again():
    answers = iter([NotYetError(), NotYetError(), 7])

    def attempt():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert bounded(attempt, 10.0, retry_on=(NotYetError,)) == 7


@pytest.mark.parametrize(('short', 'expected'), [(10.0, NotYetError), (0.0, TimeoutError)])
def test_only_an_attempt_that_had_time_hides_why_the_one_before_failed(
    short, expected, monkeypatch
):
    monkeypatch.setattr(connecting, 'SHORT', short)
    never = threading.Event()
    attempts = iter([True])

    def attempt():
        if next(attempts, False):
            raise NotYetError
        never.wait()

    with pytest.raises(expected):
        bounded(attempt, 3.0, retry_on=(NotYetError,))
    never.set()


def test_trying_again_ends_with_the_error_when_the_time_is_up():
    def attempt():
        raise NotYetError

    with pytest.raises(NotYetError):
        bounded(attempt, 2.0, retry_on=(NotYetError,))
