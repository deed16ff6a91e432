"""The clock is judged by what the kernel says of it."""

import pytest
from recorded_machine import LATE, NO_ROBOT, recorded

from vls.doctor.clock import SOURCE, check_clock
from vls.doctor.finding import Verdict
from vls.doctor.machine import this_machine


def clock(synchronised=True, resolution=1e-9, source='tsc\n'):
    probes = {'clock': {'synchronised': synchronised, 'resolution': resolution}}
    return check_clock(recorded({SOURCE: source}, probes=probes), NO_ROBOT)


def test_a_clock_that_is_kept_in_time_is_well():
    found = clock()
    assert found.verdict is Verdict.OK
    assert found.seen.startswith('synchronised; source tsc, 1 ns')


@pytest.mark.parametrize('synchronised', [True, False])
def test_the_offset_of_other_computers_is_never_claimed(synchronised):
    assert 'cannot be seen from here' in clock(synchronised).seen


def test_a_clock_that_nobody_keeps_in_time_is_a_warning():
    found = clock(synchronised=False)
    assert found.verdict is Verdict.WARNING
    assert 'chrony' in found.advice


@pytest.mark.parametrize(('resolution', 'source'), [(1e-9, 'hpet\n'), (0.004, 'tsc\n')])
def test_a_slow_or_coarse_clock_is_a_warning(resolution, source):
    found = clock(resolution=resolution, source=source)
    assert found.verdict is Verdict.WARNING
    assert 'slow or coarse' in found.seen


def test_silence_is_a_warning():
    machine = recorded(probes={'clock': LATE})
    assert check_clock(machine, NO_ROBOT).verdict is Verdict.WARNING


def test_this_machine_tells_of_its_clock():
    assert 'synchronised' in check_clock(this_machine(), NO_ROBOT).seen
