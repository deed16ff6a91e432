import os
import pickle
import struct
import threading

import hostile_handlers
import pytest
import torch
from code_rewards import REACH

from vls_core.rewards.code.checking import check_in_worker
from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.code.messages import MessageError, decode_answer, encode_answer
from vls_core.rewards.code.system_calls import _ARCHITECTURES
from vls_core.rewards.code.worker import (
    Worker,
    WorkerDiedError,
    WorkerError,
    WorkerFailedError,
    WorkerTimeoutError,
)

SOON = 20.0
"""A deadline that is not meant to be reached [s]."""
HANDLERS = hostile_handlers.__name__


@pytest.fixture(scope='module')
def worker():
    """Does what hostile code would; every test leaves it able to go on."""
    with Worker(HANDLERS) as worker:
        yield worker


def test_every_protection_is_in_force(worker):
    """But a network of its own may need rights; sockets are denied by the filter as well."""
    in_force = worker.protections
    assert len(in_force) >= 10
    assert {name for name, active in in_force.items() if not active} <= {'no network'}


@pytest.mark.parametrize('attempt', [
    'read_a_file', 'list_a_folder', 'make_a_socket', 'make_a_socket_without_python', 'fork',
    'run_a_program', 'replace_itself', 'start_a_thread', 'signal_its_owner', 'raise_a_limit',
    'trace_its_owner', 'write_to_standard_output',
])
def test_nothing_leads_out_of_a_worker(worker, attempt):
    before = worker.process_id
    assert worker.call(attempt, deadline=SOON) != 'done'
    assert worker.process_id == before


def test_files_are_out_of_reach(worker, tmp_path):
    precious = tmp_path / 'precious'
    precious.write_text('kept')
    assert worker.call('write_a_file', str(tmp_path), deadline=SOON) != 'done'
    assert worker.call('remove_a_file', str(precious), deadline=SOON) != 'done'
    assert [item.name for item in tmp_path.iterdir()] == ['precious']


def test_the_pipe_is_the_only_open_descriptor(worker):
    assert worker.call('descriptors', deadline=SOON) == [0]


def test_secrets_of_the_owner_are_not_handed_on(monkeypatch):
    monkeypatch.setenv('OPENAI_API_KEY', 'secret')
    with Worker(HANDLERS) as worker:
        found = worker.call('environment', deadline=SOON)
    assert 'secret' not in ' '.join([*found, *found.values()])


def test_the_filter_lists_the_same_calls_for_every_machine():
    counts = {len(set(numbers)) for _, numbers in _ARCHITECTURES.values()}
    assert len(counts) == 1


@pytest.mark.parametrize('loop', ['loop_for_ever', 'loop_without_python'])
def test_an_endless_loop_is_killed_and_the_worker_replaced(worker, loop):
    before = worker.process_id
    with pytest.raises(WorkerTimeoutError, match=loop):
        worker.call(loop, deadline=0.2)
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)
    assert worker.call('echo', 'again', deadline=SOON) == 'again'
    assert worker.process_id != before


def test_too_much_memory_is_an_error_and_no_more(worker):
    before = worker.process_id
    assert worker.call('allocate', 2**40, deadline=SOON) == 'RuntimeError'
    assert worker.call('allocate', 2**29, deadline=SOON) == 'RuntimeError'
    assert worker.call('allocate', 2**20, deadline=SOON) == 'done'
    with pytest.raises(WorkerFailedError, match='MemoryError'):
        worker.call('allocate_for_ever', deadline=SOON)
    assert worker.process_id == before


@pytest.mark.parametrize('end', ['exit_at_once', 'crash'])
def test_a_worker_that_ends_is_replaced(worker, end):
    before = worker.process_id
    with pytest.raises(WorkerDiedError, match=end):
        worker.call(end, deadline=SOON)
    assert worker.call('echo', 1, deadline=SOON) == 1
    assert worker.process_id != before


def test_a_worker_that_was_killed_meanwhile_is_replaced(worker):
    before = worker.process_id
    os.kill(before, 9)
    os.waitid(os.P_PID, before, os.WEXITED | os.WNOWAIT)
    assert worker.call('echo', 1, deadline=SOON) == 1
    assert worker.process_id != before


def test_errors_of_rewards_come_back_as_they_are(worker):
    with pytest.raises(RewardCodeError) as caught:
        worker.call('refuse', deadline=SOON)
    assert (caught.value.reason, caught.value.line) == ('not like that', 7)


@pytest.mark.parametrize(('handler', 'message'), [
    ('raise_something', 'KeyError'), ('recurse', 'RecursionError'), ('send_an_object', 'object'),
    ('no_such_handler', 'no_such_handler'),
])
def test_other_errors_are_told(worker, handler, message):
    before = worker.process_id
    with pytest.raises(WorkerFailedError, match=message):
        worker.call(handler, deadline=SOON)
    assert worker.process_id == before


def framed(text, buffers=b''):
    return struct.pack('>I', len(text)) + text + buffers


NONSENSE = [
    framed(b'not json'), framed(b'[' * 100000), framed(b'{"result": {"$tensor": 3}}'),
    framed(b'{"result": {"$tensor": ["float32", [1000000]]}}'),
    framed(b'{"result": {"$tensor": ["float32", [-1]]}}'),
    framed(b'{"result": {"$tensor": ["object", [1]]}}', b'\0' * 8),
    framed(b'{"result": {"$tensor": ["float32", ["a"]]}}'), framed(b'\xff\xfe'),
    framed(b'{"a": 1}')[:-1], b'', b'\0', pickle.dumps(os.system),
]


@pytest.mark.parametrize('message', NONSENSE, ids=range(len(NONSENSE)))
def test_no_answer_makes_the_owner_do_anything_but_fail(message):
    with pytest.raises(MessageError):
        decode_answer(message)


@pytest.mark.parametrize('message', [
    framed(b'null'), framed(b'{"refused": 3, "line": "x"}'), pickle.dumps(os.system),
], ids=['empty', 'wrong types', 'pickle'])
def test_a_worker_that_sends_nonsense_is_replaced(worker, message):
    """Were answers unpickled, the last one could be anything the owner may do."""
    before = worker.process_id
    with pytest.raises(WorkerDiedError):
        worker.call('send', struct.pack('>I', len(message)) + message, deadline=SOON)
    assert worker.process_id != before


def test_a_length_beyond_all_bounds_is_not_waited_for(worker):
    with pytest.raises(WorkerDiedError, match='too long'):
        worker.call('send', struct.pack('>I', 2**32 - 1), deadline=SOON)


def test_an_answer_that_is_never_complete_runs_into_the_deadline(worker):
    with pytest.raises(WorkerTimeoutError):
        worker.call('send', struct.pack('>I', 100) + b'half', deadline=0.2)


def test_plain_data_and_tensors_arrive_unchanged(worker):
    data = {'text': 'x', 'list': [1, 2.5, None, True], 'nested': {'a': [[]]}}
    assert worker.call('echo', data, deadline=SOON) == data
    found = worker.call('tensors', deadline=SOON)
    expected = hostile_handlers.tensors()
    assert found.pop('number') == expected.pop('number')
    for key in ('single', 'empty', 'bool'):
        assert torch.equal(found[key], expected[key])
        assert found[key].dtype is expected[key].dtype
    assert torch.equal(found['double'][0], expected['double'][0])


def test_threads_share_a_worker(worker):
    found = []

    def call(number):
        found.append(worker.call('echo', number, deadline=SOON))

    threads = [threading.Thread(target=call, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(8))


def test_a_worker_outlives_the_thread_that_started_it(worker):
    fresh = Worker(HANDLERS)
    thread = threading.Thread(target=fresh.start)
    thread.start()
    thread.join()
    with fresh:
        first = fresh.process_id
        assert fresh.call('echo', 1, deadline=SOON) == 1
        assert fresh.process_id == first


def test_starting_waits_for_nothing_and_closing_is_final():
    worker = Worker(HANDLERS)
    worker.start()
    assert not worker.ready
    worker.close()
    worker.close()
    with pytest.raises(WorkerError, match='closed'):
        worker.call('echo', 1, deadline=SOON)


def test_closing_waits_for_no_start():
    worker, told = Worker('handlers_that_never_start', start_timeout=3600.0), []

    def ask():
        with pytest.raises(WorkerError) as caught:
            worker.call('echo', 1, deadline=SOON)
        told.append(str(caught.value))

    waiting = threading.Thread(target=ask)
    worker.start()
    waiting.start()
    while worker._starting is None or not worker._starting.done():
        waiting.join(0.01)
    worker.close()
    waiting.join(60.0)
    assert told == ['the worker was closed']


def test_a_worker_that_cannot_start_says_so():
    with Worker('no_such_module') as worker, pytest.raises(WorkerDiedError, match='started'):
        worker.call('echo', 1, deadline=SOON)


def test_a_term_is_checked_in_the_worker():
    with Worker() as worker:
        points = {'red cube': [0.5, 0.1, 0.02]}
        report = check_in_worker(worker, REACH, points, None, deadline=SOON)
        assert report.accepted, report.findings
        assert report.scale > 0.1
        refused = check_in_worker(worker, 'import os', points, None, deadline=SOON)
        assert not refused.accepted


@pytest.mark.parametrize('value', [
    None, True, 3, -2.5, 'text', [], {}, [1, [2, {'a': None}]], {'$x': 1},
])
def test_answers_survive_the_journey(value):
    assert decode_answer(encode_answer(value)) == value


@pytest.mark.parametrize('value', [object(), {1: 2}, {'a': {1}}, b'x', torch.zeros(1).half()])
def test_only_plain_data_is_sent(value):
    with pytest.raises(TypeError):
        encode_answer(value)
