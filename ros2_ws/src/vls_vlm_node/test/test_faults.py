"""Every misbehaviour of an endpoint, seen from the operator and from the arm."""

import pytest
from fault_table import CASES, PAGE, Observer, page

from vls.test_endpoint.answers import TRACE_OF_HOSTILE_CODE
from vls.test_endpoint.faults import Fault

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope='module')
def observe(ros, tmp_path_factory):
    TRACE_OF_HOSTILE_CODE.unlink(missing_ok=True)
    item = Observer(tmp_path_factory.mktemp('faults'))
    yield item
    item.close()


@pytest.mark.parametrize('case', CASES, ids=str)
def test_a_misbehaving_endpoint_has_the_expected_result_warning_and_motion(case, observe):
    seen = observe(case)
    assert (seen.code, seen.source, seen.level, seen.arm, seen.requests) == (
        case.code, case.source, case.level, case.arm, case.requests
    ), seen
    assert seen.chunks_before == 0, 'the arm holds until there is a program'
    assert not TRACE_OF_HOSTILE_CODE.exists(), 'hostile code was executed'


def test_every_fault_is_in_the_table():
    assert {case.behaviour.fault for case in CASES} == set(Fault)


@pytest.mark.parametrize('name', ['hostile code', 'code that rewards the opposite'])
def test_a_refused_program_is_to_be_read_in_the_steps(name, observe):
    case = next(item for item in CASES if item.name == name)
    assert sum('rejected' in step for step in observe(case).steps) >= 2


def test_the_page_says_what_was_observed(observe):
    assert PAGE.read_text() == page(observe), 'run `make endpoint-faults`'
