"""One question: what it sends, how long it goes on, what it does without, and what it costs."""

import asyncio
import json
import socket
import threading
from pathlib import Path

import httpx2
import pytest
from fake_endpoint import FakeEndpoint, Reply, completion, failure
from pydantic import BaseModel

from vls_core.vlm.answer import strict_schema
from vls_core.vlm.author import EndpointError, NotUnderstoodError
from vls_core.vlm.cassette import CassetteMode
from vls_core.vlm.endpoint import Endpoint, Question
from vls_core.vlm.endpoint_settings import EndpointSettings, InvalidEndpointError
from vls_core.vlm.usage import Usage


class Word(BaseModel):
    word: str


QUESTION = Question('be brief', ({'role': 'user', 'content': 'hello'},), 'word',
                    strict_schema(Word), temperature=0.5, seed=7)


class Time:
    """A clock that only pauses move."""

    def __init__(self):
        self.now = 0.0
        self.pauses = []

    async def sleep(self, length):
        self.pauses.append(length)
        self.now += length
        await asyncio.sleep(0)


def endpoint(server, time=None, **settings):
    values = {'base_url': server.base_url, 'model': 'small-model', **settings}
    time = time or Time()
    return Endpoint(EndpointSettings(**values), time.sleep, lambda: time.now)


def ask(item, question=QUESTION, times=1):
    async def work(session):
        texts = [await session.ask(question) for _ in range(times)]
        return texts[-1], session.meter

    return item.run(work)


def test_seed_and_temperature_are_sent_and_left_out_when_unset():
    with FakeEndpoint(completion('hi')) as server:
        item = endpoint(server)
        assert ask(item)[0] == 'hi'
        ask(item, Question('s', QUESTION.messages, 'word', QUESTION.schema))
        first, second = server.requests
    assert (first['temperature'], first['seed']) == (0.5, 7)
    assert first['response_format']['json_schema']['name'] == 'word'
    assert not {'temperature', 'seed'} & set(second)


@pytest.mark.parametrize('option', ['temperature', 'seed'])
def test_an_option_the_endpoint_names_as_unsupported_is_left_out_from_then_on(option):
    def script(body):
        if option in body:
            return failure(400, f"Unsupported parameter: '{option}'")
        return completion('hi')

    with FakeEndpoint(script) as server:
        item = endpoint(server)
        ask(item, times=2)
        assert [option in sent for sent in server.requests] == [True, False, False]
        assert all('response_format' in sent for sent in server.requests)


def test_questions_asked_at_once_all_do_without_structured_output():
    async def work(session):
        return await asyncio.gather(*(session.ask(QUESTION) for _ in range(3)))

    with FakeEndpoint(completion('hi', refuse_schema=True)) as server:
        item = endpoint(server)
        assert item.run(work) == ['hi', 'hi', 'hi']
        ask(item)
        assert 'response_format' not in server.requests[-1]
        assert 'additionalProperties' in server.requests[-1]['messages'][0]['content']


def test_what_the_endpoint_asks_to_wait_is_waited():
    time = Time()
    with FakeEndpoint(failure(429, headers={'Retry-After': '11'}), completion('hi')) as server:
        assert ask(endpoint(server, time, first_backoff=0.5))[0] == 'hi'
    assert time.pauses == [11.0]


def test_backoff_stands_where_it_is_longer_than_what_is_asked():
    time = Time()
    with FakeEndpoint(failure(429, headers={'Retry-After': '0'}), completion('hi')) as server:
        ask(endpoint(server, time, first_backoff=0.5))
    assert time.pauses == [0.5]


def test_a_wait_longer_than_the_deadline_is_not_begun():
    time = Time()
    with FakeEndpoint(failure(429, headers={'Retry-After': '3600'})) as server:
        with pytest.raises(EndpointError, match='only after 3600 s.*deadline leaves 20.0 s'):
            ask(endpoint(server, time, deadline=20.0))
        assert len(server.requests) == 1
    assert time.pauses == []


def test_pauses_grow_up_to_a_bound():
    time = Time()
    with FakeEndpoint(failure(500)) as server, pytest.raises(EndpointError):
        ask(endpoint(server, time, first_backoff=3.0, maximum_retries=4, deadline=100.0))
    assert time.pauses == [3.0, 6.0, 8.0, 8.0]


def test_a_dropped_connection_is_tried_again():
    with FakeEndpoint(Reply(drop=True), completion('hi')) as server:
        assert ask(endpoint(server))[0] == 'hi'


def test_a_slow_answer_within_the_time_is_an_answer():
    with FakeEndpoint(completion('hi', delay=0.05)) as server:
        assert ask(endpoint(server, request_timeout=5.0))[0] == 'hi'


def test_tokens_are_counted_for_every_question_and_in_total():
    with FakeEndpoint(completion('a', usage=(100, 20)), completion('b', usage=(50, 5))) as server:
        _, meter = ask(endpoint(server), times=2)
    assert meter.total == Usage(2, 150, 25)


def test_an_endpoint_that_reports_no_tokens_is_not_guessed_at():
    with FakeEndpoint(completion('a')) as server:
        assert ask(endpoint(server))[1].total == Usage(1, uncounted=1)


def test_tries_that_failed_are_not_counted_as_answers():
    with FakeEndpoint(failure(500), completion('a', usage=(1, 1))) as server:
        assert ask(endpoint(server))[1].total == Usage(1, 1, 1)


def test_what_a_content_filter_withholds_is_a_refusal():
    with (
        FakeEndpoint(completion('', finish_reason='content_filter')) as server,
        pytest.raises(NotUnderstoodError, match='content filter'),
    ):
        ask(endpoint(server))


def test_the_key_never_shows_in_an_error_even_if_the_endpoint_quotes_it(monkeypatch):
    monkeypatch.setenv('MY_KEY', 'top"secret/value')
    quoting = failure(422, 'bad key "top\\"secret/value", really top"secret/value')
    with FakeEndpoint(quoting) as server, pytest.raises(EndpointError) as caught:
        ask(endpoint(server, api_key_variable='MY_KEY'))
    assert 'secret' not in str(caught.value)
    assert 'key removed' in str(caught.value)


def test_a_cassette_needs_a_file():
    with pytest.raises(InvalidEndpointError, match='cassette_file'):
        EndpointSettings('http://127.0.0.1:1/v1', 'm', cassette_mode=CassetteMode.REPLAY)
    EndpointSettings('http://127.0.0.1:1/v1', 'm', cassette_file=Path('x'))


def test_the_schema_is_spelled_out_where_it_cannot_be_enforced():
    request = QUESTION.request('m', frozenset({'response_format'}))
    assert json.dumps(QUESTION.schema) in request['messages'][0]['content']
    assert 'response_format' not in request


def error_with_key(monkeypatch, key, *replies, **settings):
    monkeypatch.setenv('MY_KEY', key)
    with FakeEndpoint(*replies) as server, pytest.raises(EndpointError) as caught:
        ask(endpoint(server, api_key_variable='MY_KEY', **settings))
    assert 'secret' not in str(caught.value)
    return str(caught.value), server


def test_a_key_with_a_line_break_after_it_is_sent_without_it(monkeypatch):
    monkeypatch.setenv('MY_KEY', 'my-secret\n')
    with FakeEndpoint(completion('hi')) as server:
        assert ask(endpoint(server, api_key_variable='MY_KEY'))[0] == 'hi'
    assert server.keys == ['Bearer my-secret']


@pytest.mark.parametrize('key', ['my-sécret-secret', 'my\nsecret', 'my secret', 'secret\x7f'])
def test_a_key_that_cannot_be_sent_is_an_error_that_names_the_variable(monkeypatch, key):
    message, server = error_with_key(monkeypatch, key, completion('hi'))
    assert 'MY_KEY' in message
    assert server.requests == []


def test_a_failed_connection_does_not_quote_the_key(monkeypatch):
    monkeypatch.setenv('MY_KEY', 'my-secret')

    async def refuse(*_arguments, **_options):
        raise httpx2.ConnectError("Illegal header value b'Bearer my-secret'" + 'x' * 5000)

    monkeypatch.setattr(httpx2.AsyncHTTPTransport, 'handle_async_request', refuse)
    settings = EndpointSettings('http://127.0.0.1:9/v1', 'm', 'MY_KEY', maximum_retries=0)
    with pytest.raises(EndpointError, match='cannot be reached') as caught:
        ask(Endpoint(settings))
    assert 'secret' not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_refusal_is_quoted_without_the_key_and_within_bounds(monkeypatch):
    monkeypatch.setenv('MY_KEY', 'my-secret')
    refusing = completion('', refusal='no, my-secret ' + 'really ' * 1000)
    with FakeEndpoint(refusing) as server, pytest.raises(NotUnderstoodError) as caught:
        ask(endpoint(server, api_key_variable='MY_KEY'))
    assert 'secret' not in str(caught.value)
    assert 'key removed' in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize('base_url', [
    'http://user:secret@host/v1', 'user:secret@host/v1', 'http://host/v1?key=secret',
    'http://host/v1#secret',
])
def test_an_address_with_a_password_is_refused_and_not_repeated(base_url):
    with pytest.raises(InvalidEndpointError, match='OPENAI_API_KEY') as caught:
        EndpointSettings(base_url, 'm')
    assert 'secret' not in str(caught.value)


@pytest.mark.parametrize('base_url', ['http://[::1/v1', 'http://host:port/v1', 'http://:80/v1'])
def test_what_no_client_could_parse_is_refused(base_url):
    with pytest.raises(InvalidEndpointError, match='no address'):
        EndpointSettings(base_url, 'm')


def test_the_deadline_holds_even_if_the_name_server_hangs(monkeypatch):
    released, asked, returned = threading.Event(), threading.Event(), threading.Event()

    def hang(*_arguments):
        asked.set()
        released.wait(20.0)
        returned.set()
        raise socket.gaierror('released')

    monkeypatch.setattr(socket, 'getaddrinfo', hang)
    settings = EndpointSettings('http://nowhere.invalid/v1', 'm', deadline=3.0)
    try:
        with pytest.raises(EndpointError, match='no answer within 3 s'):
            ask(Endpoint(settings))
        assert asked.is_set()
        assert not returned.is_set()
    finally:
        released.set()


def test_a_name_that_cannot_be_looked_up_is_named(monkeypatch):
    def fail(*_arguments):
        raise socket.gaierror(-2, 'Name or service not known')

    monkeypatch.setattr(socket, 'getaddrinfo', fail)
    settings = EndpointSettings('http://nowhere.invalid/v1', 'm', maximum_retries=0)
    with pytest.raises(EndpointError, match='not known'):
        ask(Endpoint(settings))


def test_a_name_that_can_be_looked_up_is_found():
    with FakeEndpoint(completion('hi')) as server:
        base_url = server.base_url.replace('127.0.0.1', 'localhost')
        assert ask(Endpoint(EndpointSettings(base_url, 'm')))[0] == 'hi'
