"""Every fault ends in the state it should, with a reason, and is counted by name."""

import pytest

from benchmarks.bridge.faults.__main__ import PAGE
from benchmarks.bridge.faults.in_memory import MEMORY_FAULTS
from benchmarks.bridge.faults.play import JUDGED_FAULTS, FaultPlayer, play_in_memory


@pytest.fixture(scope='module')
def player():
    with FaultPlayer() as player:
        yield player


@pytest.mark.parametrize('fault', JUDGED_FAULTS, ids=lambda fault: fault.name)
def test_on_the_judge(player, fault):
    seen = player.play(fault)
    assert seen.state is fault.expected
    assert fault.reason in seen.reason
    expected = {'communication_constraints_violation'} if fault.robot_stops else set()
    assert set(seen.reflexes) <= expected


@pytest.mark.parametrize('fault', MEMORY_FAULTS, ids=lambda fault: fault.name)
def test_in_memory(fault):
    state, reason = play_in_memory(fault)
    assert state is fault.expected
    assert fault.reason in reason


def test_the_page_has_every_fault():
    page = PAGE.read_text()
    for fault in (*JUDGED_FAULTS, *MEMORY_FAULTS):
        assert f'| {fault.name} | {fault.how} |' in page
    assert len(JUDGED_FAULTS) + len(MEMORY_FAULTS) >= 25
