"""A stage check is a bounded question whose answer proposes, and a cool-down keeps them apart."""

import pytest
from fake_endpoint import FakeEndpoint, Reply, completion, failure
from hypothesis import given
from hypothesis import strategies as st

from vls_core.vlm.author import EndpointError, MalformedAnswerError
from vls_core.vlm.endpoint_settings import EndpointSettings
from vls_core.vlm.layout import pick_and_place
from vls_core.vlm.stage_check import CoolDown, StageChecker, StageQuestion, StageState

STAGES = pick_and_place('red cube', 'plate', ('bottle',), inside=False).stages
QUESTION = StageQuestion('put it "there"\nplease', STAGES[0], b'png', 0, len(STAGES))


def check(server, **settings):
    item = EndpointSettings(server.base_url, 'small-model', **settings)
    return StageChecker(item).check(QUESTION)


@pytest.mark.parametrize(('state', 'proposes'), [
    ('done', True), ('stuck', True), ('going_on', False),
])
def test_the_answer_becomes_a_proposal(state, proposes):
    reply = completion({'state': state, 'reason': 'the cube\nis held'}, usage=(30, 4))
    with FakeEndpoint(reply) as server:
        proposal = check(server)
    assert (proposal.state, proposal.proposes) == (StageState(state), proposes)
    assert (proposal.index, proposal.reason, proposal.source) == (0, 'the cube is held',
                                                                  'small-model')
    assert proposal.usage.prompt_tokens == 30


def test_the_question_shows_instruction_stage_and_picture():
    with FakeEndpoint(completion({'state': 'done', 'reason': ''})) as server:
        check(server)
        (sent,) = server.requests
    text, picture = sent['messages'][1]['content']
    assert text['text'].splitlines() == [
        'Instruction: "put it \\"there\\"\\nplease"', 'Stage 1 of 5: "grasp the red cube"',
        'The robot measures: grasped',
    ]
    assert picture['image_url']['url'].startswith('data:image/png')
    assert sent['response_format']['json_schema']['name'] == 'stage_check_answer'


@pytest.mark.parametrize('content', ['yes', {'state': 'maybe'}, {}, '{"state": "do'])
def test_an_answer_that_is_none_is_a_named_error(content):
    with FakeEndpoint(completion(content)) as server:
        with pytest.raises(MalformedAnswerError, match='whether a stage is done'):
            check(server)
        assert len(server.requests) == 1


def test_a_failing_or_silent_endpoint_is_a_named_error_in_time():
    with FakeEndpoint(failure(500)) as server, pytest.raises(EndpointError, match='500'):
        check(server, maximum_retries=0)
    with FakeEndpoint(Reply(hang=True)) as server, pytest.raises(EndpointError, match='0.2 s'):
        check(server, deadline=0.2)


def test_a_stage_gets_its_time_before_the_first_check():
    cool_down = CoolDown(5.0)
    assert not cool_down.due(10.0, 'p', 0)
    assert not cool_down.due(14.9, 'p', 0)
    assert cool_down.due(15.0, 'p', 0)


def test_no_check_begins_while_another_is_under_way():
    cool_down = CoolDown(5.0)
    cool_down.due(0.0, 'p', 0)
    cool_down.started()
    assert not cool_down.due(100.0, 'p', 0)
    assert not cool_down.due(200.0, 'p', 1)
    cool_down.ended(200.0)
    assert not cool_down.due(204.0, 'p', 1)
    assert cool_down.due(205.0, 'p', 1)


@pytest.mark.parametrize('other', [('p', 1), ('q', 0)])
def test_a_new_stage_or_program_starts_anew(other):
    cool_down = CoolDown(5.0)
    cool_down.due(0.0, 'p', 0)
    assert not cool_down.due(6.0, *other)
    assert cool_down.due(11.0, *other)


@given(st.lists(st.tuples(st.floats(0.01, 3.0), st.integers(0, 2)), max_size=60))
def test_checks_never_begin_within_the_period_of_each_other(moments):
    cool_down, now, last = CoolDown(2.0), 0.0, None
    for pause, stage in moments:
        now += pause
        if cool_down.due(now, 'p', stage):
            assert last is None or now - last >= 2.0
            cool_down.started()
            cool_down.ended(now)
            last = now
