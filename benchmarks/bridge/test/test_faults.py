"""Every fault ends in the state it should, with a reason, and is counted by name."""

from dataclasses import replace

import pytest
from bridge_rig import PATIENT

from benchmarks.bridge.faults.__main__ import PAGE
from benchmarks.bridge.faults.in_memory import MEMORY_FAULTS
from benchmarks.bridge.faults.play import JUDGED_FAULTS, FaultPlayer, play_in_memory
from benchmarks.bridge.test.hiccups import HICCUP, unless_this_computer_pauses

ABOUT_TIME = {'joint states stop': {}, 'operator leaves': {**PATIENT, 'operator_timeout': 2.0}}
"""Faults that end in a timeout, with parameters other than PATIENT."""


@pytest.fixture(scope='module')
def player():
    with FaultPlayer() as player:
        yield player


@pytest.mark.parametrize('fault', JUDGED_FAULTS, ids=lambda fault: fault.name)
def test_on_the_judge(player, fault):
    patience = ABOUT_TIME.get(fault.name, PATIENT)
    fault = replace(fault, parameters={**fault.parameters, **patience})
    if fault.robot_stops:
        ends_as_it_should(player, fault)
    else:
        unless_this_computer_pauses(
            lambda: ends_as_it_should(player, fault), lambda: player.reflexes
        )


def ends_as_it_should(player, fault):
    seen = player.play(fault)
    assert seen.state is fault.expected
    assert fault.reason in seen.reason
    assert set(seen.reflexes) <= ({HICCUP} if fault.robot_stops else set())


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
