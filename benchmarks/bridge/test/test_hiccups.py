"""A pause of this computer is told from what a test is about."""

import pytest

from benchmarks.bridge.test.hiccups import ATTEMPTS, HICCUP, unless_this_computer_pauses


class Attempts:
    """Fails every time but the last ones; the judge sees what it is said to."""

    def __init__(self, failures, *reflexes, error=AssertionError):
        self.count, self._failures, self._error = 0, failures, error
        self.reflexes = lambda: reflexes

    def __call__(self):
        self.count += 1
        if self.count <= self._failures:
            raise self._error('no good')
        return 'good'


@pytest.mark.parametrize('error', [AssertionError, RuntimeError, pytest.fail.Exception])
def test_after_a_pause_it_is_played_again_and_said_so(capsys, error):
    attempts = Attempts(ATTEMPTS - 1, HICCUP, HICCUP, error=error)
    assert unless_this_computer_pauses(attempts, attempts.reflexes) == 'good'
    assert capsys.readouterr().out.count(HICCUP) == ATTEMPTS - 1


def test_it_is_not_played_for_ever():
    attempts = Attempts(ATTEMPTS, HICCUP)
    with pytest.raises(AssertionError):
        unless_this_computer_pauses(attempts, attempts.reflexes)
    assert attempts.count == ATTEMPTS


@pytest.mark.parametrize('reflexes', [(), ('cartesian_reflex',), (HICCUP, 'cartesian_reflex')])
def test_whatever_else_fails_has_failed(reflexes):
    attempts = Attempts(1, *reflexes)
    with pytest.raises(AssertionError):
        unless_this_computer_pauses(attempts, attempts.reflexes)
    assert attempts.count == 1
