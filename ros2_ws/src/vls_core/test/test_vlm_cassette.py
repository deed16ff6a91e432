"""A recorded session replays exactly, without a server; what differs is named; no key is in it."""

import base64
import hashlib
import json

import httpx2
import pytest
from fake_endpoint import FakeEndpoint, Reply, completion, failure
from table_scene import table_scene
from test_vlm_endpoint import Time

from vls_core.vlm.author import AuthorRequest, EndpointError
from vls_core.vlm.cassette import CassetteError, CassetteMissError, CassetteMode
from vls_core.vlm.client import AuthoringSettings, EndpointAuthor, EndpointSettings
from vls_core.vlm.layout import pick_and_place

KEY = 'sk-very/secret"key-0123456789'
PICTURE = b'\x89PNG not really'
REQUEST = AuthorRequest('put the red cube on the plate', table_scene(), PICTURE)
PROGRAM = pick_and_place('red cube', 'plate', ('bottle',), inside=False)
GOOD = {'outcome': 'program', 'program': PROGRAM.model_dump(mode='json'), 'missing': [],
        'explanation': 'moving it'}
NOWHERE = 'http://127.0.0.1:9/v1'
"""Nothing listens at the discard port: a replay that used the network would fail."""


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv('OPENAI_API_KEY', KEY)


@pytest.fixture
def file(tmp_path):
    return tmp_path / 'deep' / 'session.jsonl'


def author(base_url, file, mode, authoring=AuthoringSettings(), time=None, **settings):  # noqa: B008
    return EndpointAuthor(
        EndpointSettings(base_url, 'small-model', cassette_file=file, cassette_mode=mode,
                         **settings),
        authoring=authoring, sleep=(time or Time()).sleep,
    )


def record(file, *replies, request=REQUEST, **settings):
    with FakeEndpoint(*replies) as server:
        return author(server.base_url, file, CassetteMode.RECORD, **settings).write(request)


def replay(file, request=REQUEST, **settings):
    return author(NOWHERE, file, CassetteMode.REPLAY, **settings).write(request)


def test_a_session_with_a_repair_replays_exactly(file):
    replies = (completion('no', usage=(9, 1)), completion(GOOD, usage=(20, 8)))
    recorded = record(file, *replies)
    assert replay(file) == recorded


def test_failures_and_pauses_replay_too(file):
    time = Time()
    replies = (failure(429, headers={'Retry-After': '3'}), failure(500), Reply(drop=True),
               completion(GOOD))
    recorded = record(file, *replies, maximum_retries=3)
    assert replay(file, maximum_retries=3, time=time) == recorded
    assert time.pauses == [3.0, 1.0, 2.0]


def test_votes_replay_whatever_order_they_arrived_in(file):
    other = pick_and_place('green cube', 'plate', ('bottle',), False).model_dump(mode='json')

    def script(body):
        return completion({**GOOD, 'program': other} if body['seed'] == 2 else GOOD)

    votes = AuthoringSettings(votes=3)
    assert record(file, script, authoring=votes).program == PROGRAM
    assert replay(file, authoring=votes).program == PROGRAM


def test_pictures_are_kept_as_their_hash(file):
    record(file, completion(GOOD))
    text = file.read_text()
    assert base64.b64encode(PICTURE).decode() not in text
    assert f'sha256:{hashlib.sha256(PICTURE).hexdigest()}' in text


def test_another_picture_is_another_request(file):
    record(file, completion(GOOD))
    other = AuthorRequest(REQUEST.instruction, REQUEST.scene, b'another')
    with pytest.raises(CassetteMissError, match='sha256'):
        replay(file, other)


def test_the_key_is_nowhere_in_the_file_even_if_the_endpoint_quotes_it(file):
    escaped = json.dumps(KEY)[1:-1]
    request = AuthorRequest(f'use {KEY}', REQUEST.scene)
    quoting = failure(500, f'the key {KEY} has expired, Bearer {KEY}')
    record(file, quoting, completion({**GOOD, 'explanation': f'got {KEY}'}), request=request)
    content = file.read_text()
    for form in (KEY, escaped, json.dumps(escaped)[1:-1], 'very/secret', '0123456789'):
        assert form not in content
    assert 'uthorization' not in content


def test_a_replay_needs_no_key(file, monkeypatch):
    recorded = record(file, completion(GOOD))
    monkeypatch.delenv('OPENAI_API_KEY')
    assert replay(file) == recorded


def test_a_request_that_was_never_recorded_names_the_nearest_difference(file):
    record(file, completion(GOOD))
    other = AuthorRequest('put the blue cube on the plate', REQUEST.scene, PICTURE)
    with pytest.raises(CassetteMissError) as caught:
        replay(file, other)
    message = str(caught.value)
    assert '-body' not in message
    assert 'Instruction: "put the red cube on the plate"' in message
    assert 'Instruction: "put the blue cube on the plate"' in message
    assert len(message.splitlines()) <= 5


def test_an_answer_is_played_as_often_as_it_was_recorded(file):
    record(file, completion(GOOD))
    item = author(NOWHERE, file, CassetteMode.REPLAY)
    item.write(REQUEST)
    with pytest.raises(CassetteMissError, match='more often'):
        item.write(REQUEST)


def test_equal_requests_get_their_answers_in_order(file):
    for explanation in ('first', 'second'):
        record(file, completion({**GOOD, 'explanation': explanation}))
    item = author(NOWHERE, file, CassetteMode.REPLAY)
    assert [item.write(REQUEST).notes[0] for _ in range(2)] == ['first', 'second']


def test_an_empty_cassette_says_so(file):
    file.parent.mkdir()
    file.write_text('')
    with pytest.raises(CassetteMissError, match='empty'):
        replay(file)


@pytest.mark.parametrize('content', [
    'rubbish', '[]', '3', '{"version": 99}', '{"version": 1}', b'\xff\xfe',
    '{"version": 1, "request": {"path": "", "body": 0}, "response": {"text": "", "failure": "x"}}',
])
def test_a_file_that_is_no_cassette_is_a_named_error(file, content):
    file.parent.mkdir()
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CassetteError, match='session.jsonl'):
        replay(file)


def test_a_missing_cassette_and_one_that_cannot_be_written_are_named_errors(file, tmp_path):
    with pytest.raises(CassetteError, match='cannot be read'):
        replay(file)
    (tmp_path / 'taken').write_text('')
    with pytest.raises(CassetteError, match='cannot be written'):
        record(tmp_path / 'taken' / 'session.jsonl', completion(GOOD))


def test_a_refused_connection_is_recorded_and_replayed(file):
    for mode in (CassetteMode.RECORD, CassetteMode.REPLAY):
        with pytest.raises(EndpointError, match='cannot be reached'):
            author(NOWHERE, file, mode, maximum_retries=0).write(REQUEST)
    assert 'ConnectError' in file.read_text()


def test_separators_of_lines_in_texts_do_not_tear_a_recording(file):
    answer = completion({**GOOD, 'explanation': 'a\u2028b\x85c'})
    recorded = record(file, answer)
    assert replay(file) == recorded


def test_a_session_that_ran_into_the_deadline_replays_as_that(file):
    for work in (record, lambda file, *_, **settings: replay(file, **settings)):
        with pytest.raises(EndpointError, match='no answer within 3 s'):
            work(file, completion('no'), Reply(hang=True), deadline=3.0)
    assert [json.loads(line)['response'].get('failure')
            for line in file.read_text().splitlines()] == [None, 'Cancelled']


@pytest.mark.parametrize('kind', [httpx2.LocalProtocolError, httpx2.PoolTimeout])
def test_failures_on_our_own_side_are_recorded_and_replayed(file, kind, monkeypatch):
    async def fail(*_arguments, **_options):
        raise kind('on our side')

    monkeypatch.setattr(httpx2.AsyncHTTPTransport, 'handle_async_request', fail)
    for mode in (CassetteMode.RECORD, CassetteMode.REPLAY):
        with pytest.raises(EndpointError) as caught:
            author(NOWHERE, file, mode, maximum_retries=0).write(REQUEST)
        assert 'recording' not in str(caught.value)
    assert kind.__name__ in file.read_text()


@pytest.mark.parametrize('key', ['1234', 'null', 'text', 'true'])
def test_a_key_that_is_an_ordinary_word_does_not_break_the_recording(file, monkeypatch, key):
    monkeypatch.setenv('OPENAI_API_KEY', key)
    answer = {**GOOD, 'explanation': f'got {key}'}
    request = AuthorRequest(f'{REQUEST.instruction}, {key}', REQUEST.scene, PICTURE)
    recorded = record(file, completion(answer, usage=(1234, 1234)), request=request)
    monkeypatch.delenv('OPENAI_API_KEY')
    replayed = replay(file, request)
    assert (replayed.program, replayed.usage) == (recorded.program, recorded.usage)
    assert f'got {key}' not in file.read_text()
