"""What a model is shown beside the question for a program: stages at work, and things again."""

import pytest
from fake_endpoint import FakeEndpoint, completion
from scripted_peers import wait_for
from vls_interfaces.action import RunTask
from vls_interfaces.msg import SteeringStatus

from vls.test_endpoint.faults import NOT_A_MODEL
from vls.test_endpoint.server import EndpointServer
from vls_core.vlm.layout import pick_and_place

CODE = RunTask.Goal
SENTENCE = 'put the red cube on the plate'
PROGRAM = pick_and_place('red cube', 'plate', ('bottle',), inside=False)
ANSWER = {'outcome': 'program', 'program': PROGRAM.model_dump(mode='json'), 'explanation': ''}


@pytest.fixture
def endpoint():
    with EndpointServer() as server:
        yield server


def diagnosis(stack, key):
    """A value of the node's last report on /diagnostics."""
    report = stack.peers.diagnostics
    return next((item.value for item in report.values if item.key == key), '') if report else ''


def test_a_model_that_calls_a_stage_done_only_proposes_it(make_stack, endpoint):
    stack = make_stack(
        base_url=endpoint.base_url, model='test', stage_checks=True, stage_check_period=0.1,
        task_timeout=60.0,
    )
    stack.peers.policy_state = SteeringStatus.RUNNING
    task = stack.peers.run(SENTENCE, steer=True)
    wait_for(lambda: len(stack.peers.proposals) >= 2, 'proposals')
    proposal = stack.peers.proposals[0]
    program = next(item for item in stack.peers.programs if item.stages)
    assert proposal.program_id == program.program_id
    assert (proposal.stage, proposal.done, proposal.source) == (1, True, 'test')
    assert NOT_A_MODEL in proposal.reason
    assert sum(bool(item.stages) for item in stack.peers.programs) == 1, 'nothing was re-published'
    wait_for(lambda: 'is done' in diagnosis(stack, 'stage checks'), 'the check on /diagnostics')
    stack.peers.policy_state = SteeringStatus.SUCCEEDED
    assert task.result().error_code == CODE.NONE
    wait_for(
        lambda: f'{endpoint.requests} questions' in diagnosis(stack, 'asked in all'), 'the count'
    )


def test_without_a_task_at_work_no_stage_is_looked_at(make_stack, endpoint):
    stack = make_stack(
        base_url=endpoint.base_url, model='test', stage_checks=True, stage_check_period=0.1
    )
    assert stack.peers.run('sing a song').result().error_code == CODE.NOT_UNDERSTOOD
    assert diagnosis(stack, 'stage checks') in ('', 'none yet')
    assert endpoint.requests == 1


def test_a_second_look_is_given_a_picture_without_names(make_stack):
    with FakeEndpoint(completion(ANSWER)) as server:
        stack = make_stack(base_url=server.base_url, model='m', second_look=True)
        wait_for(lambda: stack.vlm._views(), 'a picture without names')
        result = stack.peers.run(SENTENCE).result()
        assert result.error_code == CODE.NONE, result.message
    steps = stack.vlm._newest.steps
    assert any('second look at the red cube' in step for step in steps), steps
    assert not any('no picture' in step for step in steps)


def test_what_a_question_costs_is_on_diagnostics(make_stack, endpoint):
    stack = make_stack(
        base_url=endpoint.base_url, model='test', prompt_price=1.0, completion_price=1.0
    )
    stack.peers.run(SENTENCE).result()
    wait_for(lambda: '1 question' in diagnosis(stack, 'asked in all'), 'the count')
    cost = float(diagnosis(stack, 'asked in all').rpartition(', ')[2])
    assert 0.0 < cost < 1.0
