"""The speed of the cores, and which of them are kept free."""

import pytest
from recorded_machine import NO_ROBOT, REAL_ROBOT, recorded

from vls.doctor.finding import Verdict
from vls.doctor.processor import CORES, check_governor, check_isolation


def governors(*names):
    files = {f'{CORES}/cpufreq/policy0/x': '', f'{CORES}/cpuidle/x': ''}
    for number, name in enumerate(names):
        files[f'{CORES}/cpu{number}/cpufreq/scaling_governor'] = f'{name}\n'
    return recorded(files)


def test_every_core_at_full_speed_is_well():
    found = check_governor(governors('performance', 'performance'), REAL_ROBOT)
    assert (found.verdict, found.seen) == (
        Verdict.OK, 'governor performance on 2 of 2 cores'
    )


def test_one_core_that_saves_power_is_a_warning():
    found = check_governor(governors('performance', 'powersave', 'performance'), REAL_ROBOT)
    assert found.verdict is Verdict.WARNING
    assert 'performance on 2, powersave on 1 of 3 cores' in found.seen
    assert 'cpupower' in found.advice


def test_a_machine_without_frequency_scaling_is_well():
    found = check_governor(recorded({f'{CORES}/cpu0/topology/x': ''}), NO_ROBOT)
    assert found.verdict is Verdict.OK
    assert '1 cores' in found.seen


@pytest.mark.parametrize(('isolated', 'quiet', 'seen'), [
    ('2-3\n', '2-3\n', 'isolated: 2-3; without a tick (nohz_full): 2-3'),
    ('2-3\n', ' (null)\n', 'isolated: 2-3; without a tick (nohz_full): none'),
    ('\n', ' (null)\n', 'none;'),
])
def test_isolated_cores_are_named_and_none_are_no_fault(isolated, quiet, seen):
    machine = recorded({f'{CORES}/isolated': isolated, f'{CORES}/nohz_full': quiet})
    found = check_isolation(machine, REAL_ROBOT)
    assert found.verdict is Verdict.OK
    assert found.seen.startswith(seen)
