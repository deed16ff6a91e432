"""Swap and huge pages matter with a real robot."""

from recorded_machine import NO_ROBOT, REAL_ROBOT, recorded

from vls.doctor.finding import Verdict
from vls.doctor.memory import HUGE_PAGES, check_paging

HEAD = 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n'
SWAPPING = {
    '/proc/swaps': HEAD + '/swap.img  file\t\t4194300\t\t204800\t\t-2\n',
    HUGE_PAGES: '[always] madvise never\n',
}
QUIET = {'/proc/swaps': HEAD, HUGE_PAGES: 'always [madvise] never\n'}


def test_a_quiet_memory_is_well():
    found = check_paging(recorded(QUIET), REAL_ROBOT)
    assert (found.verdict, found.seen) == (Verdict.OK, 'swap: none; huge pages: madvise')


def test_swap_in_use_and_huge_pages_are_a_warning_with_a_real_robot():
    found = check_paging(recorded(SWAPPING), REAL_ROBOT)
    assert found.verdict is Verdict.WARNING
    assert '200 MiB in use' in found.seen
    assert 'swapoff' in found.advice and 'madvise' in found.advice


def test_they_are_only_told_without_one():
    found = check_paging(recorded(SWAPPING), NO_ROBOT)
    assert (found.verdict, found.advice) == (Verdict.OK, '')
