"""Against a fake endpoint: every way to misbehave ends in a program or a named error."""

import asyncio
import base64
import json
import socket
import threading

import pytest
from fake_endpoint import FakeEndpoint, Reply, completion, failure
from table_scene import table_scene

from vls_core.rewards.verification.report import Check, Finding, Verdict, VerificationReport
from vls_core.rewards.verification.verify import ProgramVerifier
from vls_core.vlm.author import (
    AuthorRequest,
    DisagreementError,
    EndpointError,
    MalformedAnswerError,
    NotUnderstoodError,
    UnknownObjectInInstructionError,
)
from vls_core.vlm.client import (
    AuthoringSettings,
    EndpointAuthor,
    EndpointSettings,
    InvalidEndpointError,
)
from vls_core.vlm.layout import pick_and_place
from vls_core.vlm.static_verifier import StaticVerifier
from vls_core.vlm.usage import Prices

SCENE = table_scene()
PROGRAM = pick_and_place('red cube', 'plate', ('bottle',), inside=False)
REQUEST = AuthorRequest('put the red cube on the plate', SCENE, b'picture')
GOOD = {
    'outcome': 'program', 'program': PROGRAM.model_dump(mode='json'), 'missing': [],
    'explanation': 'moving the cube',
}
NONSENSE = ['', 'sorry', '{', '[]', '{"outcome": 3}', {'outcome': 'program', 'program': None},
            {**GOOD, 'surprise': 1}, '{' * 5000]


class Pauses:
    """Counts the pauses asked for, and takes none."""

    def __init__(self):
        self.lengths = []

    async def __call__(self, length):
        self.lengths.append(length)
        await asyncio.sleep(0)


def author(server, pauses=None, **settings):
    values = {'base_url': server.base_url, 'model': 'small-model', **settings}
    return EndpointAuthor(EndpointSettings(**values), sleep=pauses or Pauses())


def test_a_good_answer_becomes_a_program():
    with FakeEndpoint(completion(GOOD)) as server:
        authored = author(server).write(REQUEST)
    assert authored.program == PROGRAM
    assert authored.source == 'small-model'
    assert authored.notes == ('moving the cube',)
    assert authored.degraded == ''


def test_the_request_carries_picture_objects_instruction_and_schema(monkeypatch):
    monkeypatch.setenv('MY_KEY', 'secret')
    with FakeEndpoint(completion(GOOD)) as server:
        author(server, api_key_variable='MY_KEY', temperature=0.25).write(REQUEST)
        (sent,) = server.requests
        assert server.keys == ['Bearer secret']
        assert server.paths == ['/v1/chat/completions']
    assert (sent['model'], sent['temperature']) == ('small-model', 0.25)
    text, picture = sent['messages'][1]['content']
    assert 'put the red cube on the plate' in text['text']
    assert all(f'"{name}"' in text['text'] for name in SCENE.names)
    encoded = picture['image_url']['url'].removeprefix('data:image/png;base64,')
    assert base64.b64decode(encoded) == b'picture'
    schema = sent['response_format']['json_schema']
    assert schema['strict'] is True
    assert set(schema['schema']['required']) == {'outcome', 'program', 'missing', 'explanation'}


def test_without_key_and_temperature_nothing_secret_is_sent(monkeypatch):
    monkeypatch.delenv('OPENAI_API_KEY', raising=False)
    with FakeEndpoint(completion(GOOD)) as server:
        author(server, temperature=None).write(REQUEST)
        assert server.keys == ['Bearer no-key']
        assert 'temperature' not in server.requests[0]


def test_without_a_picture_the_notes_say_so():
    with FakeEndpoint(completion(GOOD)) as server:
        authored = author(server).write(AuthorRequest(REQUEST.instruction, SCENE))
        assert len(server.requests[0]['messages'][1]['content']) == 1
    assert 'no picture' in ' '.join(authored.notes)


def test_an_endpoint_without_structured_output_is_asked_for_json_in_text():
    text = f'Sure! Here it is:\n```json\n{json.dumps(GOOD)}\n```\nAnything else?'
    with FakeEndpoint(completion(text, refuse_schema=True)) as server:
        asking = author(server)
        assert asking.write(REQUEST).program == PROGRAM
        assert asking.write(REQUEST).program == PROGRAM
        with_schema = ['response_format' in sent for sent in server.requests]
        assert with_schema == [True, False, False]
        assert 'additionalProperties' in server.requests[1]['messages'][0]['content']


def test_a_bare_program_is_accepted_too():
    with FakeEndpoint(completion(GOOD['program'])) as server:
        assert author(server).write(REQUEST).program == PROGRAM


@pytest.mark.parametrize('nonsense', NONSENSE)
def test_nonsense_is_repaired_in_one_round(nonsense):
    with FakeEndpoint(completion(nonsense), completion(GOOD)) as server:
        assert author(server).write(REQUEST).program == PROGRAM
        first, second = server.requests
    assert second['messages'][: len(first['messages'])] == first['messages']
    assert 'rejected' in second['messages'][-1]['content']


@pytest.mark.parametrize('nonsense', NONSENSE)
def test_nonsense_twice_is_an_error_after_two_questions(nonsense):
    with FakeEndpoint(completion(nonsense)) as server:
        with pytest.raises(MalformedAnswerError, match='small-model'):
            author(server).write(REQUEST)
        assert len(server.requests) == 2


def test_a_program_that_does_not_fit_the_scene_is_sent_back_with_the_reason():
    bad = pick_and_place('red cube', 'bottle', (), False).model_dump(mode='json')
    with FakeEndpoint(completion({**GOOD, 'program': bad}), completion(GOOD)) as server:
        assert author(server).write(REQUEST).program == PROGRAM
        assert '"bottle" is an obstacle' in server.requests[1]['messages'][-1]['content']


def test_a_model_may_say_that_something_is_not_there():
    answer = {'outcome': 'unknown_object', 'program': None, 'missing': ['mug'], 'explanation': ''}
    with (
        FakeEndpoint(completion(answer)) as server,
        pytest.raises(UnknownObjectInInstructionError, match='"mug"') as caught,
    ):
        author(server).write(REQUEST)
    assert caught.value.words == ('mug',)


def test_a_model_may_say_that_it_does_not_understand():
    answer = {'outcome': 'not_understood', 'explanation': 'which cube?'}
    with (
        FakeEndpoint(completion(answer)) as server,
        pytest.raises(NotUnderstoodError, match='which cube'),
    ):
        author(server).write(REQUEST)


def test_a_refusal_is_no_program():
    with (
        FakeEndpoint(completion('', refusal='I would rather not')) as server,
        pytest.raises(NotUnderstoodError, match='rather not'),
    ):
        author(server).write(REQUEST)


@pytest.mark.parametrize('status', [429, 500, 503])
def test_passing_failures_are_retried_with_growing_pauses(status):
    pauses = Pauses()
    with FakeEndpoint(failure(status), failure(status), completion(GOOD)) as server:
        assert author(server, pauses, first_backoff=0.5).write(REQUEST).program == PROGRAM
    assert pauses.lengths == [0.5, 1.0]


@pytest.mark.parametrize('status', [429, 500])
def test_retries_are_bounded(status):
    with FakeEndpoint(failure(status)) as server:
        with pytest.raises(EndpointError, match=str(status)) as caught:
            author(server, maximum_retries=3).write(REQUEST)
        assert len(server.requests) == 4
    assert caught.value.base_url == server.base_url


@pytest.mark.parametrize(('status', 'advice'), [
    (401, 'environment variable MY_KEY'), (403, 'environment variable MY_KEY'),
    (404, 'model name "small-model"'),
])
def test_lasting_failures_are_not_retried_and_say_what_to_check(status, advice):
    with FakeEndpoint(failure(status)) as server:
        with pytest.raises(EndpointError, match=advice):
            author(server, api_key_variable='MY_KEY').write(REQUEST)
        assert len(server.requests) == 1


def test_a_request_the_endpoint_rejects_in_every_form_is_an_error_with_its_words():
    with FakeEndpoint(failure(400, 'no images please')) as server:
        asking = author(server)
        for _ in range(2):
            with pytest.raises(EndpointError, match='no images please'):
                asking.write(REQUEST)
        with_schema = ['response_format' in sent for sent in server.requests]
        assert with_schema == [True, False, True, False]


def test_a_refused_connection_names_the_address_and_what_to_check():
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        base_url = f'http://127.0.0.1:{free.getsockname()[1]}/v1'
        settings = EndpointSettings(base_url, 'small-model')
        with pytest.raises(EndpointError, match='is the server running') as caught:
            EndpointAuthor(settings, sleep=Pauses()).write(REQUEST)
    assert base_url in str(caught.value)


def test_an_endpoint_that_never_answers_is_given_up_after_bounded_tries():
    with FakeEndpoint(Reply(hang=True)) as server:
        with pytest.raises(EndpointError, match='did not answer within'):
            author(server, request_timeout=0.1, maximum_retries=1).write(REQUEST)
        assert len(server.requests) == 2


def test_the_deadline_holds_even_if_bytes_keep_dripping_in():
    with (
        FakeEndpoint(Reply(drip=True)) as server,
        pytest.raises(EndpointError, match='no answer within 0.3 s'),
    ):
        author(server, request_timeout=5.0, deadline=0.3).write(REQUEST)


@pytest.mark.parametrize('reply', [
    Reply(body=b'<html>hello</html>', content_type='text/html'),
    Reply(body=b'{"choices": []}'), Reply(body=b'{}'), Reply(body=b'{"choices": [{"mess'),
    Reply(body=b'[]'), Reply(body=b'null'), Reply(body=b'{"choices": [{}]}'),
])
def test_something_that_is_no_chat_completion_is_an_endpoint_error(reply):
    with FakeEndpoint(reply) as server, pytest.raises(EndpointError, match='chat completion'):
        author(server).write(REQUEST)


@pytest.mark.parametrize(('base_url', 'model'), [
    ('', 'm'), ('localhost:8000', 'm'), ('ftp://host/v1', 'm'), ('http://', 'm'),
    ('http://127.0.0.1:1/v1', ''),
])
def test_settings_of_no_possible_endpoint_are_refused(base_url, model):
    with pytest.raises(InvalidEndpointError):
        EndpointSettings(base_url, model)


def test_the_identity_changes_with_the_model():
    names = {EndpointAuthor(EndpointSettings('http://127.0.0.1:1/v1', model)).identity
             for model in ('a', 'b')}
    assert len(names) == 2


CODE = {
    'kind': 'code', 'name': 'approach', 'goal': 'red cube',
    'source': 'def f(keypoints, trajectory):\n    return -keypoints["red cube"].sum()\n',
}


def with_code(answer=GOOD, alone=False):
    """The answer with a term in code in its first stage; the static rules refuse every code."""
    changed = json.loads(json.dumps(answer))
    stage = changed['program']['stages'][0]
    stage['terms'] = [CODE] if alone else [*stage['terms'], CODE]
    return changed


def told(server, request=REQUEST, **options):
    """Steps as they were told one by one, and the program."""
    steps = []
    settings = EndpointSettings(server.base_url, 'small-model', **options.pop('settings', {}))
    asking = EndpointAuthor(settings, sleep=Pauses(), **options)
    return steps, asking.write(request, steps.append)


def test_each_step_is_told_and_kept_with_the_program():
    with FakeEndpoint(completion(GOOD, usage=(500, 80))) as server:
        steps, authored = told(server)
    assert steps == ['asked small-model', 'accepted', 'used 1 question, 500 + 80 tokens']
    assert authored.steps == tuple(steps)
    assert authored.usage.prompt_tokens == 500
    assert authored.report.accepted
    assert authored.report.program_hash == PROGRAM.content_hash


def test_costs_are_shown_when_prices_are_known():
    with FakeEndpoint(completion(GOOD, usage=(1_000_000, 100_000))) as server:
        steps, _ = told(server, settings={'prices': Prices(3.0, 15.0)})
    assert steps[-1].endswith('tokens, 4.5000')


def test_a_rejection_and_its_repair_are_told():
    with FakeEndpoint(completion('no'), completion(GOOD)) as server:
        steps, _ = told(server)
    assert steps[1].startswith('rejected: the answer contains no complete JSON')
    assert steps[1].endswith('asked for a repair')
    assert steps[2] == 'accepted'


def test_the_model_is_told_all_that_the_verifier_found():
    verdicts = iter([False, True])

    def verifier(program, scene):
        verdict = Verdict.PASSED if next(verdicts) else Verdict.FAILED
        finding = Finding(Check.GRADIENT, verdict, 'approach', 'the gradient is dead')
        return VerificationReport(program.content_hash, 'scene', (finding,))

    with FakeEndpoint(completion(GOOD)) as server:
        _, authored = told(server, verifier=verifier)
        assert 'live gradient: approach: the gradient is dead' in (
            server.requests[1]['messages'][-1]['content']
        )
    assert authored.report.accepted


def test_a_program_whose_code_is_rejected_twice_serves_without_it():
    with FakeEndpoint(completion(with_code())) as server:
        steps, authored = told(server)
        assert len(server.requests) == 2
    assert authored.program == PROGRAM
    assert authored.report.program_hash == PROGRAM.content_hash
    assert steps[3].startswith('vetted terms only')
    assert 'vetted terms only' in authored.notes[1]


def test_the_first_program_serves_without_its_code_when_the_second_is_nonsense():
    with FakeEndpoint(completion(with_code()), completion('sorry')) as server:
        assert told(server)[1].program == PROGRAM


def test_hostile_code_is_neither_run_nor_used(tmp_path):
    trace = tmp_path / 'it ran'
    source = (
        'def f(keypoints, trajectory):\n'
        f'    __import__("os").mkdir({str(trace)!r})\n'
        '    return 0\n'
    )
    hostile = with_code()
    hostile['program']['stages'][0]['terms'][-1]['source'] = source
    with FakeEndpoint(completion(hostile)) as server, ProgramVerifier() as verifier:
        steps, authored = told(server, verifier=verifier)
        assert 'allowed code' in server.requests[1]['messages'][-1]['content']
    assert authored.program == PROGRAM
    assert 'vetted terms only' in ' '.join(steps)
    assert not trace.exists()


def test_a_stage_of_code_alone_leaves_nothing_to_serve():
    with (
        FakeEndpoint(completion(with_code(alone=True))) as server,
        pytest.raises(MalformedAnswerError) as caught,
    ):
        told(server)
    assert caught.value.rejected.subject == 'red cube'


def test_an_answer_that_breaks_off_is_repaired():
    with FakeEndpoint(completion(json.dumps(GOOD)[:300]), completion(GOOD)) as server:
        assert author(server).write(REQUEST).program == PROGRAM
        assert 'breaks off' in server.requests[1]['messages'][-1]['content']


def test_the_repair_runs_under_the_deadline_of_the_question():
    with (
        FakeEndpoint(completion('no'), Reply(hang=True)) as server,
        pytest.raises(EndpointError, match='no answer within 0.5 s'),
    ):
        author(server, deadline=0.5).write(REQUEST)


def answer_to(subject='red cube', target='plate'):
    program = pick_and_place(subject, target, ('bottle',), inside=False)
    return {**GOOD, 'program': program.model_dump(mode='json'), 'explanation': subject}


THREE = AuthoringSettings(votes=3, vote_temperature=0.8)


def test_three_votes_are_asked_with_seeds_of_their_own_and_the_majority_wins():
    replies = [completion(answer_to('green cube')), completion(GOOD), completion(GOOD)]
    with FakeEndpoint(*replies) as server:
        steps, authored = told(server, authoring=THREE, settings={'seed': 10})
        assert sorted(sent['seed'] for sent in server.requests) == [11, 12, 13]
        assert {sent['temperature'] for sent in server.requests} == {0.8}
    assert authored.program == PROGRAM
    assert '2 of 3 answers agree' in steps
    assert 'answer 1 of 3: asked small-model' in steps
    assert authored.usage.questions == 3


def test_votes_without_a_majority_are_a_loud_disagreement():
    replies = [completion(answer_to(name)) for name in ('red cube', 'green cube', 'blue cube')]
    with (
        FakeEndpoint(*replies) as server,
        pytest.raises(DisagreementError, match='subject: green cube or red cube'),
    ):
        told(server, authoring=THREE)


def test_a_vote_that_fails_does_not_outweigh_two_that_agree():
    lost = {'outcome': 'not_understood', 'explanation': 'hm'}
    with FakeEndpoint(completion(GOOD), completion(lost), completion(GOOD)) as server:
        assert told(server, authoring=THREE)[1].program == PROGRAM


def test_one_usable_vote_of_three_is_none():
    def script(body):
        return completion(GOOD) if body['seed'] == 1 else failure(500)

    with (
        FakeEndpoint(script) as server,
        pytest.raises(DisagreementError, match='only 1 of 3'),
    ):
        told(server, authoring=THREE, settings={'maximum_retries': 0})


def test_votes_that_all_fail_give_the_failure_itself():
    with FakeEndpoint(failure(500)) as server, pytest.raises(EndpointError, match='500'):
        told(server, authoring=THREE, settings={'maximum_retries': 0})


def test_less_than_one_vote_is_no_setting():
    with pytest.raises(InvalidEndpointError, match='votes'):
        AuthoringSettings(votes=0)


def test_the_identity_tells_how_much_answers_are_doubted():
    settings = EndpointSettings('http://127.0.0.1:1/v1', 'a')
    doubts = [AuthoringSettings(), THREE, AuthoringSettings(second_look=True)]
    assert len({EndpointAuthor(settings, authoring=doubt).identity for doubt in doubts}) == 3


def test_the_other_answers_arrive_while_one_is_verified():
    arrived = []

    def patient(program, scene):
        for _ in range(1000):
            if asking.usage.questions == 3:
                break
            threading.Event().wait(0.005)
        arrived.append(asking.usage.questions)
        return StaticVerifier()(program, scene)

    with FakeEndpoint(completion(GOOD)) as server:
        settings = EndpointSettings(server.base_url, 'small-model')
        asking = EndpointAuthor(settings, patient, THREE)
        asking.write(REQUEST)
    assert arrived == [3, 3, 3]


def test_the_deadline_is_over_even_while_an_answer_is_verified():
    over = threading.Event()

    def slow(program, scene):
        over.wait(0.6)
        return StaticVerifier()(program, scene)

    with (
        FakeEndpoint(completion(GOOD)) as server,
        pytest.raises(EndpointError, match='no answer within 0.3 s'),
    ):
        told(server, verifier=slow, settings={'deadline': 0.3})
