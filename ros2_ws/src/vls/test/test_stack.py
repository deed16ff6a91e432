"""The whole stack as it is shipped: real processes, real DDS, a simulated robot.

The tests share one stack and run in the order of this file; the last ones take it apart.
"""

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from processes import alive, wait_until
from sensor_msgs.msg import JointState
from stillness import is_still
from vls_interfaces.msg import BridgeStatus

from vls.client import StackClient, error_name
from vls.episodes import EpisodeRunner
from vls.node_table import NODE_TABLE
from vls.runner.stack import Stack
from vls.topic_table import TOPIC_TABLE
from vls_ros.qos import STATE

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

DOMAIN = 16 + os.getpid() % 80
"""ROS domains up to 101 do not collide with the ports of other programs."""
ROBOT = f'127.0.{1 + os.getpid() % 250}.1'
NODES = {'sim', 'franka_bridge', 'perception', 'vlm', 'policy'}


def environment(domain=DOMAIN):
    return {**os.environ, 'ROS_DOMAIN_ID': str(domain), 'PYTHONUNBUFFERED': '1', 'COLUMNS': '200'}


def vls(*words, domain=DOMAIN, cwd=None):
    """Runs a vls command to its end."""
    return subprocess.run(
        [sys.executable, '-m', 'vls', *words], env=environment(domain), cwd=cwd,
        capture_output=True, text=True, timeout=200,
    )


@pytest.fixture(scope='module')
def up(tmp_path_factory):
    """`vls up`, running."""
    folder = tmp_path_factory.mktemp('stack')
    output = folder / 'output.txt'
    with output.open('w') as out:
        process = subprocess.Popen(
            [sys.executable, '-m', 'vls', 'up', '--sim', '--robot-ip', ROBOT],
            env=environment(), cwd=folder, stdout=out, stderr=subprocess.STDOUT,
        )
    try:
        wait_until(
            lambda: 'Ctrl-C ends the stack' in output.read_text() or process.poll() is not None,
            timeout=150.0,
        )
        assert process.poll() is None, output.read_text()
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=40)
        finally:
            process.kill()


@pytest.fixture(scope='module')
def client(up):
    before = os.environ.get('ROS_DOMAIN_ID')
    os.environ['ROS_DOMAIN_ID'] = str(DOMAIN)
    try:
        with StackClient() as item:
            wait_until(lambda: item.bridge_status is not None)
            yield item
    finally:
        if before is None:
            del os.environ['ROS_DOMAIN_ID']
        else:
            os.environ['ROS_DOMAIN_ID'] = before


@pytest.mark.parametrize(('words', 'answer'), [
    (('--sim', '--param', 'policy.checkpoint=/nowhere.safetensors'), 'nowhere.safetensors'),
    (('--sim', '--param', 'policy.no_such_parameter=1'), 'no_such_parameter'),
    (('--no-sim', '--camera', 'none', '--robot-ip', '127.0.0.254',
      '--param', 'franka_bridge.realtime=false', '--param', 'franka_bridge.connect_timeout=1.0'),
     '127.0.0.254'),
])
def test_a_stack_that_cannot_start_says_why_and_leaves_nothing(tmp_path, words, answer):
    robot = () if '--robot-ip' in words else ('--robot-ip', ROBOT)
    result = vls('up', *words, *robot, domain=DOMAIN + 1, cwd=tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert answer in result.stderr
    assert 'Traceback' not in result.stderr
    assert vls('status', domain=DOMAIN + 1).returncode == 1
    assert processes_of_run_in(tmp_path) == ''


def test_ctrl_c_amid_the_demo_ends_it_and_its_nodes(tmp_path):
    output = tmp_path / 'output.txt'
    with output.open('w') as out:
        demo = subprocess.Popen(
            [sys.executable, '-m', 'vls', 'demo', '--robot-ip', ROBOT],
            env=environment(DOMAIN + 1), cwd=tmp_path, stdout=out, stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: 'acting' in output.read_text() or demo.poll() is not None, 150.0)
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=40) == 130, output.read_text()
    finally:
        demo.kill()
    assert processes_of_run_in(tmp_path) == ''


def processes_of_run_in(folder):
    """The process manager of the only run below a folder, if it runs."""
    configuration = next(folder.glob('runs/*/supervisord.conf'))
    found = subprocess.run(['pgrep', '-f', str(configuration)], capture_output=True, text=True)
    return found.stdout


def test_each_node_is_a_process_of_its_own(client):
    processes = {item.name: item.pid for item in Stack.running().processes()}
    assert set(processes) == NODES
    executables = {entry.name: entry.executable for entry in NODE_TABLE}
    assert len(set(processes.values())) == len(NODES)
    for name, pid in processes.items():
        words = Path(f'/proc/{pid}/cmdline').read_text().split('\0')
        assert any(Path(word).name == executables[name] for word in words)


def publishers(node, topic):
    return [item.node_name for item in node.get_publishers_info_by_topic(topic)]


def test_what_is_published_is_what_the_topic_table_says(client):
    node = client.node
    for topic in TOPIC_TABLE:
        wait_until(lambda topic=topic: publishers(node, topic.name) == [topic.publisher])
        info = node.get_publishers_info_by_topic(topic.name)
        assert info[0].topic_type == topic.type
        profile = info[0].qos_profile
        assert (profile.reliability.name == 'RELIABLE') == topic.reliable, topic.name
        assert (profile.durability.name == 'TRANSIENT_LOCAL') == topic.latched, topic.name


def test_status_shows_every_node_and_the_arm(up):
    result = vls('status')
    assert result.returncode == 0
    assert all(name in result.stdout for name in NODES)
    assert 'armed' in result.stdout


def test_an_object_that_is_not_there_is_an_error_that_names_what_is(up, client):
    result = vls('run', 'put the pink cube on the plate')
    assert result.returncode == 1
    assert 'UNKNOWN_OBJECT (102)' in result.stderr
    assert 'red cube' in result.stderr
    assert client.bridge_status.state == BridgeStatus.ARMED


def test_a_steered_episode_in_a_changed_scene_succeeds(client):
    # How often is the benchmark's question; here one of three has to.
    runner = EpisodeRunner(client)
    starvations = client.bridge_status.starvations
    results = []
    while len(results) < 3 and not (results and results[-1].success):
        results.append(runner.run(len(results), 'moved_target', steer=True))
    result = results[-1]
    starved = client.bridge_status.starvations - starvations
    if not result.success and starved:
        pytest.skip(f'this machine is too slow to tell: the arm waited for {starved} chunks')
    assert result.success, [item.failure for item in results]
    assert result.error_code == 0, error_name(result.error_code)
    assert result.program['author']
    assert {sample.stage for sample in result.samples} == set(range(len(result.program['stages'])))
    assert max(sample.strength for sample in result.samples) > 0


def test_ctrl_c_cancels_the_task(up, client):
    EpisodeRunner(client).prepare_arm()
    client.reset_episode(0, 'none')
    run = subprocess.Popen(
        [sys.executable, '-m', 'vls', 'run', 'put the red cube on the plate'],
        env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )
    wait_until(lambda: client.bridge_status.state == BridgeStatus.TRACKING, 40.0)
    run.send_signal(signal.SIGINT)
    _, errors = run.communicate(timeout=40)
    assert run.returncode == 130
    assert 'cancelled' in errors
    wait_until(lambda: client.bridge_status.state != BridgeStatus.TRACKING)


def test_stop_and_recover(up, client):
    assert vls('stop').returncode == 0
    wait_until(lambda: client.bridge_status.state == BridgeStatus.ESTOP)
    refused = vls('run', 'put the red cube on the plate')
    assert refused.returncode == 1
    assert 'BRIDGE_NOT_READY' in refused.stderr
    assert vls('recover').returncode == 0
    assert vls('arm').returncode == 0
    wait_until(lambda: client.bridge_status.state == BridgeStatus.ARMED)


def test_when_the_policy_dies_in_mid_motion_the_arm_holds_still(client):
    EpisodeRunner(client).prepare_arm()
    instruction = client.reset_episode(1, 'none')
    positions, results = [], []
    with client.subscription(
        JointState, 'joint_states', lambda item: positions.append(item.position[:7]), STATE
    ):
        task = threading.Thread(target=lambda: results.append(client.run_task(instruction)))
        task.start()
        wait_until(lambda: client.bridge_status.state == BridgeStatus.TRACKING, 30.0)
        start = np.array(positions[-1])
        wait_until(lambda: np.abs(positions[-1] - start).max() > 0.05, 30.0)
        policy = next(item for item in Stack.running().processes() if item.name == 'policy')
        os.kill(policy.pid, signal.SIGKILL)
        wait_until(lambda: client.bridge_status.state == BridgeStatus.STARVED)
        wait_until(lambda: is_still(positions))
        task.join(timeout=60.0)
        assert is_still(positions)
    assert error_name(results[0].error_code) == 'POLICY_SILENT'
    assert client.bridge_status.state in (BridgeStatus.STARVED, BridgeStatus.ARMED)
    status = vls('status')
    assert status.returncode == 1
    assert re.search(r'policy .* exited', status.stdout)
    others = {item.name for item in Stack.running().processes() if not item.ended}
    assert others == NODES - {'policy'}


def test_ctrl_c_ends_every_process(up, client):
    stack = Stack.running()
    pids = [item.pid for item in stack.processes() if item.pid]
    assert len(pids) == len(NODES) - 1
    up.send_signal(signal.SIGINT)
    assert up.wait(timeout=40) == 130
    assert not any(map(alive, pids))
    assert vls('status').returncode == 1
