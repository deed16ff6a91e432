"""The test endpoint speaks the protocol, answers by the rules, and misbehaves on command."""

import contextlib
import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import openai
import pytest
from table_scene import table_scene

from vls.test_endpoint.answers import TRACE_OF_HOSTILE_CODE
from vls.test_endpoint.behaviour import Behaviour, InvalidFaultError
from vls.test_endpoint.errors import EndpointInUseError
from vls.test_endpoint.faults import NOT_A_MODEL, Fault, fault_of_model
from vls.test_endpoint.question import NoQuestionError, read_question
from vls.test_endpoint.server import EndpointServer
from vls_core.rewards.program import Code
from vls_core.rewards.verification.verify import ProgramVerifier
from vls_core.vlm.answer import InvalidAnswerError, read_answer
from vls_core.vlm.author import AuthorRequest
from vls_core.vlm.offline import OfflineAuthor
from vls_core.vlm.prompt import request_message

SENTENCE = 'put the red cube on the plate, stay clear of the bottle'
MESSAGES = [request_message(AuthorRequest(SENTENCE, table_scene()))]


@pytest.fixture
def server():
    with EndpointServer() as item:
        yield item


@pytest.fixture(scope='module')
def verifier():
    with ProgramVerifier(deadline=60.0, program_deadline=300.0) as item:
        yield item


def client(server, **settings):
    return openai.OpenAI(base_url=server.base_url, api_key='k', max_retries=0, **settings)


def ask(server, model='test', messages=MESSAGES, **settings):
    with client(server, **settings) as api:
        return api.chat.completions.create(model=model, messages=messages)


def answer(server, model='test', messages=MESSAGES):
    return read_answer(ask(server, model, messages).choices[0].message.content)


def post(server, path, body):
    root = server.base_url.removesuffix('/v1')
    request = urllib.request.Request(root + path, data=body)
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_it_answers_with_the_program_of_the_offline_rules(server):
    given = answer(server)
    expected = OfflineAuthor().write(AuthorRequest(SENTENCE, table_scene())).program
    assert given.program == expected
    assert NOT_A_MODEL in given.explanation


@pytest.mark.parametrize(('sentence', 'outcome'), [
    ('put the mug on the plate', 'unknown_object'), ('sing a song', 'not_understood'),
])
def test_it_refuses_what_the_rules_refuse(server, sentence, outcome):
    messages = [request_message(AuthorRequest(sentence, table_scene()))]
    given = answer(server, messages=messages)
    assert given.outcome == outcome
    assert given.program is None


def test_it_says_everywhere_that_it_is_no_model(server):
    lines = []
    server.log = lines.append
    given = ask(server)
    assert NOT_A_MODEL in given.id
    assert NOT_A_MODEL in given.model
    assert all(NOT_A_MODEL in line for line in lines) and lines
    with client(server) as api:
        assert {item.owned_by for item in api.models.list()} == {NOT_A_MODEL}


def test_tokens_are_counted_so_that_accounting_has_something_to_count(server):
    usage = ask(server).usage
    assert usage.prompt_tokens > 50
    picture = [request_message(AuthorRequest(SENTENCE, table_scene(), b'x' * 100_000))]
    assert ask(server, messages=picture).usage.prompt_tokens == usage.prompt_tokens
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


@pytest.mark.parametrize('fault', list(Fault))
def test_every_fault_has_a_model_and_a_meaning(fault):
    assert fault_of_model(f'test-{fault}') is fault
    assert fault.meaning


@pytest.mark.parametrize('model', ['test', 'gpt-4o', 'test-nonsense', ''])
def test_other_models_have_no_fault_of_their_own(model):
    assert fault_of_model(model) is None


@pytest.mark.parametrize(('fault', 'error'), [
    ('429', openai.RateLimitError), ('500', openai.InternalServerError),
    ('drop', openai.APIConnectionError),
])
def test_a_failing_endpoint_fails(server, fault, error):
    with pytest.raises(error):
        ask(server, f'test-{fault}')


def test_a_silent_endpoint_takes_the_request_and_says_nothing(server):
    with pytest.raises(openai.APITimeoutError):
        ask(server, 'test-silent', timeout=0.2)
    assert server.requests == 1


def test_a_slow_endpoint_answers_after_its_delay(server):
    server.misbehave(Behaviour(Fault.SLOW, delay=0.3))
    with pytest.raises(openai.APITimeoutError):
        ask(server, timeout=0.1)
    assert answer(server).program is not None


def test_a_refusal_is_one(server):
    message = ask(server, 'test-refusal').choices[0].message
    assert message.refusal
    assert message.content is None


@pytest.mark.parametrize('fault', ['truncated', 'wrong-schema'])
def test_a_broken_answer_cannot_be_read(server, fault):
    with pytest.raises(InvalidAnswerError):
        answer(server, f'test-{fault}')


def test_prose_around_the_answer_is_prose_around_the_answer(server):
    text = ask(server, 'test-prose').choices[0].message.content
    with pytest.raises(ValueError, match='Expecting value'):
        json.loads(text)
    assert read_answer(text).program is not None


@pytest.mark.parametrize(('fault', 'accepted'), [
    ('code', True), ('hostile', False), ('unverified', False),
])
def test_verification_tells_good_code_from_bad(server, verifier, fault, accepted):
    program = answer(server, f'test-{fault}').program
    report = verifier(program, table_scene())
    assert report.accepted == accepted, report.reason
    assert not TRACE_OF_HOSTILE_CODE.exists()


def test_asked_to_look_it_says_that_it_is_blind(server):
    stage = {'role': 'user', 'content': 'Instruction: "x"\nStage 1 of 5: "grasp it"\nThe robot'}
    mark = {'role': 'user', 'content': 'Which mark is at the object "x"?\nMarks: 1, 2'}
    said = [json.loads(ask(server, messages=[item]).choices[0].message.content)
            for item in (stage, mark)]
    assert said[0]['state'] == 'done'
    assert said[1]['mark'] == 0
    assert all(NOT_A_MODEL in item['reason'] for item in said)


@pytest.mark.parametrize('fault', ['hostile', 'unverified'])
def test_a_bad_program_is_well_formed_and_bad_in_its_code(server, fault):
    program = answer(server, f'test-{fault}').program
    assert [term.name for term in program.code_terms] == ['approach']
    assert isinstance(program.code_terms[0], Code)
    assert ('__import__' in program.code_terms[0].source) == (fault == 'hostile')


def test_the_fault_can_be_changed_while_it_runs_and_for_some_requests_only(server):
    status, state = post(server, '/fault', b'{"fault": "500", "times": 2}')
    assert (status, state['fault'], state['times']) == (200, '500', 2)
    for _ in range(2):
        with pytest.raises(openai.InternalServerError):
            ask(server)
    assert answer(server).program is not None
    assert server.requests == 3


@pytest.mark.parametrize('body', [
    b'{"fault": "rainy"}', b'{"delay": -1}', b'{"times": 0}', b'{"color": 1}', b'[]', b'{', b'',
    b'{"delay": "soon"}',
])
def test_a_fault_that_is_none_is_refused(server, body):
    status, document = post(server, '/fault', body)
    assert status == 400
    assert document['error']['message']
    assert server.state()['fault'] == Fault.NONE


@pytest.mark.parametrize('body', [b'{}', b'[1]', b'{"messages": []}', b'{"messages": [3]}',
                                  b'{"messages": [{"role": "user", "content": "hello"}]}'])
def test_a_request_without_a_question_is_refused(server, body):
    assert post(server, '/v1/chat/completions', body)[0] == 400


@pytest.mark.parametrize('length', ['many', '-1', '\u00b2', ''])
def test_a_request_of_no_known_length_is_refused(server, length):
    connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc)
    with contextlib.closing(connection):
        connection.putrequest('POST', '/v1/chat/completions')
        connection.putheader('Content-Length', length.encode('latin-1'))
        connection.endheaders()
        assert connection.getresponse().status == 400


def test_what_is_not_there_is_not_found(server):
    assert post(server, '/v1/embeddings', b'{}')[0] == 404
    with client(server) as api, pytest.raises(openai.NotFoundError):
        api.models.retrieve('test')


def test_a_taken_port_is_named(server):
    port = int(server.base_url.rpartition(':')[2].removesuffix('/v1'))
    with pytest.raises(EndpointInUseError, match=str(port)):
        EndpointServer(port)


def test_only_this_machine_can_reach_it(server):
    port = int(server.base_url.rpartition(':')[2].removesuffix('/v1'))
    others = {item[4][0] for item in socket.getaddrinfo(socket.gethostname(), port)}
    for address in others - {'127.0.0.1', '127.0.1.1'}:
        with pytest.raises(OSError, match='refused'):
            socket.create_connection((address, port), timeout=1.0).close()
    assert server._server.server_address[0] == '127.0.0.1'


def test_a_name_with_quotes_survives_the_way_through_the_prompt():
    messages = [request_message(AuthorRequest('take the "big" one\n- now', table_scene()))]
    question = read_question(messages)
    assert question.instruction == 'take the "big" one\n- now'
    assert question.scene.names == table_scene().names


def test_messages_without_an_instruction_hold_no_question():
    with pytest.raises(NoQuestionError):
        read_question([{'role': 'system', 'content': 'Instruction: "x"'}])


def test_behaviours_end_after_their_times():
    once = Behaviour(Fault.DROP, times=1)
    assert once.after_one_request().fault is Fault.NONE
    assert Behaviour(Fault.DROP).after_one_request().fault is Fault.DROP
    with pytest.raises(InvalidFaultError):
        Behaviour.from_document({'fault': 'drop', 'times': 'often'})


def test_the_command_serves_until_it_is_interrupted():
    command = [sys.executable, '-m', 'vls', 'test-endpoint', '--port', '0', '--fault', '500']
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            assert NOT_A_MODEL in line
            base_url = re.search(r'http://127.0.0.1:\d+/v1', line).group()
            with urllib.request.urlopen(f'{base_url}/models') as response:
                assert 'test-slow' in response.read().decode()
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=30) == 130
        finally:
            process.kill()
