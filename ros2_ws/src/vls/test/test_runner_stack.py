"""However a stack ends, nothing is left running; whatever goes wrong is said."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from processes import PATIENT, alive, make_command, wait_until

from vls.runner import configuration
from vls.runner.stack import NodeEndedError, Stack, StackError


@pytest.fixture(autouse=True)
def own_place(tmp_path, monkeypatch):
    monkeypatch.setenv('ROS_DOMAIN_ID', f'test-{os.getpid()}')
    monkeypatch.setenv('AMENT_PREFIX_PATH', '')


@pytest.fixture
def two_nodes(tmp_path):
    return [make_command(tmp_path, name, PATIENT) for name in ('first', 'second')]


def pids(stack):
    return {process.name: process.pid for process in stack.processes()}


def all_running(stack):
    return all(process.state == 'RUNNING' for process in stack.processes())


def never():
    return False


def test_a_stack_that_does_not_get_ready_is_an_error(two_nodes, tmp_path):
    with (
        pytest.raises(StackError, match='first waits after 0 s; see the logs'),
        Stack.start(two_nodes, tmp_path / 'run', sim=True) as stack,
    ):
        stack.wait_until(never, 0.0, lambda: 'first waits')


def test_each_node_is_a_process_and_none_is_left_at_the_end(two_nodes, tmp_path):
    with Stack.start(two_nodes, tmp_path / 'run', sim=True) as stack:
        stack.wait_until(lambda: all_running(stack), 60.0)
        found = pids(stack)
        assert len(set(found.values())) == 2
        assert all(map(alive, found.values()))
    assert not any(map(alive, found.values()))
    with pytest.raises(StackError, match='vls up'):
        Stack.running()


def test_a_node_that_does_not_listen_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(configuration, 'STOP_SECONDS', 1)
    deaf = (
        'import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n'
        'print("deaf", flush=True)\n'
    )
    command = make_command(tmp_path, 'deaf', deaf + PATIENT)
    with Stack.start([command], tmp_path / 'run', sim=True) as stack:
        wait_until(lambda: 'deaf' in stack.log('deaf').read_text())
        pid = pids(stack)['deaf']
    assert not alive(pid)


def test_a_node_that_ends_at_start_is_reported_with_its_last_words(two_nodes, tmp_path):
    python = (
        'print("[INFO] [1.0] [broken]: hello")\n'
        'print("[ERROR] [2.0] [broken]: no camera at /dev/video7; plug it in")\nexit(1)\n'
    )
    broken = make_command(tmp_path, 'broken', python)
    found = {}
    with (
        pytest.raises(NodeEndedError, match='broken ended with exit code 1:\nno camera') as error,
        Stack.start([*two_nodes, broken], tmp_path / 'run', sim=True) as stack,
    ):
        found = pids(stack)
        stack.wait_until(never, 60.0)
    assert 'hello' not in str(error.value)
    assert not any(alive(pid) for pid in found.values() if pid)


def test_a_traceback_is_shown_whole(tmp_path):
    broken = make_command(tmp_path, 'broken', 'import no_such_module\n')
    with (
        pytest.raises(NodeEndedError, match='(?s)Traceback.*No module named'),
        Stack.start([broken], tmp_path / 'run', sim=True) as stack,
    ):
        stack.wait_until(never, 60.0)


def test_only_one_stack_per_domain(two_nodes, tmp_path):
    with Stack.start(two_nodes[:1], tmp_path / 'run', sim=True):
        with pytest.raises(StackError, match='vls down'):
            Stack.start(two_nodes[1:], tmp_path / 'other', sim=True)
        assert Stack.running().folder == tmp_path / 'run'


def test_a_missing_executable_is_found_before_anything_starts(two_nodes, tmp_path):
    Path(os.environ['AMENT_PREFIX_PATH'], 'lib', 'test_package', 'second').unlink()
    with pytest.raises(FileNotFoundError, match='make setup'):
        Stack.start(two_nodes, tmp_path / 'run', sim=True)
    with pytest.raises(StackError):
        Stack.running()


def test_a_percent_sign_in_a_path_is_no_trap(tmp_path):
    folder = tmp_path / '100%s sure'
    folder.mkdir()
    command = make_command(folder, 'first', PATIENT)
    with Stack.start([command], folder / 'run', sim=True) as stack:
        stack.wait_until(lambda: all_running(stack), 60.0)


PARENT = textwrap.dedent("""
    import signal, sys, time
    from pathlib import Path
    from processes import PATIENT, make_command
    from vls.runner.stack import Stack

    def interrupt(number, frame):
        raise KeyboardInterrupt

    # SIGINT too: whoever started the tests in the background may have it ignored.
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
    folder = Path(sys.argv[1])
    commands = [make_command(folder, name, PATIENT) for name in ('first', 'second')]
    with Stack.start(commands, folder / 'run', sim=True) as stack:
        stack.wait_until(
            lambda: all(item.state == 'RUNNING' for item in stack.processes()), 60.0)
        print(stack._client.process_id(), *[item.pid for item in stack.processes()], flush=True)
        while True:
            time.sleep(0.05)
""")


@pytest.fixture
def parent(tmp_path):
    process = subprocess.Popen(
        [sys.executable, '-c', PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True,
        env={**os.environ, 'PYTHONPATH': str(Path(__file__).parent)},
    )
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_when_the_parent_ends_its_nodes_end(parent, number):
    family = [int(word) for word in parent.stdout.readline().split()]
    assert all(map(alive, family))
    assert len(family) == 3
    parent.send_signal(number)
    parent.wait(timeout=30)
    wait_until(lambda: not any(map(alive, family)))


def test_when_the_process_manager_is_killed_its_nodes_end(parent):
    manager, *nodes = (int(word) for word in parent.stdout.readline().split())
    os.kill(manager, signal.SIGKILL)
    wait_until(lambda: not any(map(alive, nodes)))


def test_a_detached_stack_outlives_its_parent_until_it_is_stopped(two_nodes, tmp_path):
    stack = Stack.start(two_nodes, tmp_path / 'run', sim=True, detach=True)
    stack.wait_until(lambda: all_running(stack), 60.0)
    found = pids(stack)
    Stack.running().stop()  # as `vls down` does, knowing nothing but the domain
    wait_until(lambda: not any(map(alive, found.values())))
