"""The whole stack with an endpoint that misbehaves: what the simulated arm really does."""

import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray
from processes import wait_until
from sensor_msgs.msg import JointState
from stillness import STILL, is_still
from vls_interfaces.msg import BridgeStatus, SteeringStatus

from vls.client import StackClient, error_name
from vls.episodes import EpisodeRunner
from vls.test_endpoint.answers import TRACE_OF_HOSTILE_CODE
from vls.test_endpoint.behaviour import Behaviour
from vls.test_endpoint.faults import Fault
from vls.test_endpoint.server import EndpointServer
from vls_ros.qos import STATE, STATUS

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

DOMAIN = 16 + (os.getpid() + 40) % 80
ROBOT = f'127.0.{1 + os.getpid() % 250}.2'
SENTENCE = 'put the red cube on the plate'
MOVED = 0.05
"""An arm at work moves more than this [rad]."""
PARAMETERS = (
    'vlm.request_timeout=15.0', 'vlm.maximum_retries=0', 'vlm.use_cache=false',
    'policy.code_deadline=10.0',  # so that a busy computer costs no term
)


@pytest.fixture(scope='module')
def endpoint():
    with EndpointServer() as server:
        yield server


@pytest.fixture(scope='module')
def client(endpoint, tmp_path_factory):
    folder = tmp_path_factory.mktemp('stack')
    output = folder / 'output.txt'
    command = [sys.executable, '-m', 'vls', 'up', '--sim', '--robot-ip', ROBOT,
               '--vlm-base-url', endpoint.base_url, '--vlm-model', 'test']
    for parameter in PARAMETERS:
        command += ['--param', parameter]
    with pytest.MonkeyPatch.context() as patch, output.open('w') as out:
        patch.setenv('ROS_DOMAIN_ID', str(DOMAIN))
        patch.setenv('PYTHONUNBUFFERED', '1')
        up = subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT)
        try:
            wait_until(
                lambda: 'Ctrl-C ends the stack' in output.read_text() or up.poll() is not None,
                timeout=150.0,
            )
            assert up.poll() is None, output.read_text()
            with StackClient() as item:
                wait_until(lambda: item.bridge_status is not None)
                yield item
        finally:
            up.send_signal(signal.SIGINT)
            try:
                up.wait(timeout=40)
            finally:
                up.kill()


class Attempt:
    """One task to its end, or until it has shown what it was to show.

    Attributes:
        motion: largest motion of a joint [rad].
        statuses: reports of the policy.
        result: of the action.
    """

    def __init__(self, client, endpoint, fault, timeout=25.0):
        EpisodeRunner(client).prepare_arm()
        client.reset_episode(0, 'none')
        endpoint.misbehave(Behaviour(fault))
        positions, self.statuses = [], []
        with (
            client.subscription(
                JointState, 'joint_states', lambda item: positions.append(item.position[:7]), STATE
            ),
            client.subscription(
                SteeringStatus, 'steering_status', self.statuses.append, STATUS
            ),
        ):
            wait_until(lambda: is_still(positions))
            positions.clear()
            results = []
            task = threading.Thread(
                target=lambda: results.append(client.run_task(SENTENCE, timeout=timeout))
            )
            task.start()
            task.join(timeout=100.0)
            self.result = results[0]
        self.motion = float(np.ptp(np.array(positions), axis=0).max())


def test_an_endpoint_that_is_broken_costs_the_model_and_not_the_task(client, endpoint):
    attempt = Attempt(client, endpoint, Fault.SERVER_ERROR)
    assert attempt.result.source == 'offline rules'
    assert 'status 500' in attempt.result.message
    assert attempt.motion > MOVED


def test_an_endpoint_that_refuses_leaves_the_arm_where_it_is(client, endpoint):
    attempt = Attempt(client, endpoint, Fault.REFUSAL)
    assert error_name(attempt.result.error_code) == 'NOT_UNDERSTOOD'
    assert attempt.motion < STILL
    assert not attempt.statuses
    assert client.bridge_status.state == BridgeStatus.ARMED


def test_hostile_code_is_never_run_and_its_program_does_without(client, endpoint):
    TRACE_OF_HOSTILE_CODE.unlink(missing_ok=True)
    attempt = Attempt(client, endpoint, Fault.HOSTILE)
    assert attempt.result.source == 'test'
    assert attempt.motion > MOVED
    assert not any('approach' in item.term_names for item in attempt.statuses)
    assert not TRACE_OF_HOSTILE_CODE.exists()


def test_sound_code_steers_from_the_first_chunk_on(client, endpoint):
    heard = []
    with client.subscription(DiagnosticArray, '/diagnostics', heard.append, STATUS):
        wait_until(lambda: any(code_is_ready(item) for item in heard))
    attempt = Attempt(client, endpoint, Fault.CODE)
    first = attempt.statuses[0]
    value = first.term_rewards[list(first.term_names).index('approach')]
    assert value < 0, first.gate_reason
    assert attempt.motion > MOVED


def code_is_ready(message):
    return any(
        value.key == 'terms in code' and value.value == 'ready'
        for status in message.status for value in status.values
    )
