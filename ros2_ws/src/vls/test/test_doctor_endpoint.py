"""The endpoint is asked for its models; the key is used and never shown."""

import socket
import threading

import pytest
from recorded_machine import LATE, NO_ROBOT, recorded

from vls.doctor.endpoint import check_endpoint
from vls.doctor.finding import Verdict
from vls.doctor.machine import this_machine
from vls.doctor.subject import Subject
from vls.test_endpoint.server import EndpointServer

KEY = 'sk-never-to-be-seen-0123456789'


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv('OPENAI_API_KEY', KEY)


@pytest.fixture(scope='module')
def base_url():
    with EndpointServer() as server:
        yield server.base_url


def ask(base_url, model=''):
    found = check_endpoint(this_machine(), Subject(vlm_base_url=base_url, vlm_model=model))
    assert KEY not in found.seen + found.advice
    assert 'OPENAI_API_KEY is set' in found.seen
    return found


def answered(answer, environment=None, model=''):
    machine = recorded(probes={'endpoint': answer}, environment=environment)
    return check_endpoint(machine, Subject(vlm_base_url='http://127.0.0.1/v1', vlm_model=model))


def test_an_endpoint_tells_its_models(base_url):
    found = ask(base_url, 'test')
    assert found.verdict is Verdict.OK
    assert 'test' in found.seen


def test_a_model_it_does_not_have_is_a_problem(base_url):
    found = ask(base_url, 'gpt-nobody')
    assert found.verdict is Verdict.PROBLEM
    assert '"gpt-nobody"' in found.seen and '--vlm-model' in found.advice


def test_an_endpoint_without_a_list_is_a_warning(base_url):
    found = ask(base_url.removesuffix('/v1'))
    assert found.verdict is Verdict.WARNING
    assert '/v1' in found.advice


def test_nobody_there_is_a_problem():
    server = EndpointServer()
    server.release()
    found = ask(server.base_url)
    assert found.verdict is Verdict.PROBLEM
    assert 'is the server running' in found.advice


@pytest.mark.parametrize('base_url', ['foo', 'http://user:password@127.0.0.1/v1'])
def test_what_is_no_address_is_a_problem_and_no_password_is_repeated(base_url):
    found = ask(base_url)
    assert found.verdict is Verdict.PROBLEM
    assert 'password@' not in found.seen
    assert '--vlm-base-url' in found.advice


def test_a_key_that_cannot_be_sent_is_a_problem_and_not_shown(base_url, monkeypatch):
    monkeypatch.setenv('OPENAI_API_KEY', 'a secret\nwith lines')
    found = check_endpoint(this_machine(), Subject(vlm_base_url=base_url))
    assert found.verdict is Verdict.PROBLEM
    assert 'a secret' not in found.seen + found.advice


@pytest.mark.parametrize(('body', 'status'), [
    (b'<html>hello</html>', '200 OK'), (b'[1, 2]', '200 OK'), (b'{"data": 3}', '200 OK'),
    (b'{"error": "no"}', '401 Unauthorized'), (b'oops', '500 Internal Server Error'),
])
def test_what_speaks_another_language_or_refuses_is_a_problem(body, status):
    with socket.create_server(('127.0.0.1', 0)) as server:

        def answer():
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                head = f'HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n'
                connection.sendall(head.encode() + body)

        thread = threading.Thread(target=answer)
        thread.start()
        found = ask(f'http://127.0.0.1:{server.getsockname()[1]}/v1')
        thread.join()
    assert found.verdict is Verdict.PROBLEM
    assert 'the probe ended' not in found.seen


def test_silence_is_a_problem_and_a_missing_key_is_told():
    found = answered(LATE)
    assert found.verdict is Verdict.PROBLEM
    assert 'OPENAI_API_KEY is not set' in found.seen


def test_an_endpoint_without_models_is_a_warning():
    assert answered({'models': []}).verdict is Verdict.WARNING


def test_without_the_client_it_is_a_problem_and_without_an_address_skipped():
    assert answered({'missing': 'openai'}).verdict is Verdict.PROBLEM
    assert check_endpoint(recorded(), NO_ROBOT).verdict is Verdict.SKIPPED
