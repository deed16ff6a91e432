"""Runs need room."""

import pytest
from recorded_machine import NO_ROBOT, recorded

from vls.doctor.disk import check_disk
from vls.doctor.finding import Verdict
from vls.doctor.machine import this_machine


@pytest.mark.parametrize(('free', 'verdict'), [
    (80 * 2**30, Verdict.OK), (2 * 2**30, Verdict.WARNING), (2**20, Verdict.PROBLEM),
    (None, Verdict.WARNING),
])
def test_the_less_room_the_worse(free, verdict):
    assert check_disk(recorded(free=free), NO_ROBOT).verdict is verdict


def test_a_folder_that_is_not_there_yet_has_the_room_of_where_it_will_be(tmp_path):
    machine = this_machine()
    assert machine.free_bytes(str(tmp_path / 'runs' / 'later')) > 0
