"""Tests on the judge are played again where this computer has paused, and only there.

A motion ends once 20 commands in a row are lost, which is 20 ms: a computer that pauses is enough,
and says nothing about what is tested. Benchmarks have no part in this: what happens there counts.
"""

import pytest

HICCUP = 'communication_constraints_violation'
ATTEMPTS = 3


def unless_this_computer_pauses(attempt, reflexes):
    """Calls attempt, again if it failed and the judge saw that very error and no other meanwhile.

    Args:
        attempt: plays and asserts.
        reflexes: names of the errors that the judge saw during the last attempt.
    """
    for number in range(1, ATTEMPTS):
        try:
            return attempt()
        except (Exception, pytest.fail.Exception) as error:
            if set(reflexes()) != {HICCUP}:
                raise
            print(f'attempt {number} met {HICCUP}, playing again: {error}')
    return attempt()
