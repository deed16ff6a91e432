"""The node on real DDS: every way a task ends, and that the policy is always told to stop."""

import subprocess
import sys

import pytest
from action_msgs.msg import GoalStatus
from diagnostic_msgs.msg import DiagnosticStatus
from fake_endpoint import FakeEndpoint, Reply, completion, failure
from scripted_peers import wait_for
from scripted_stack import Stack
from vls_interfaces.action import RunTask
from vls_interfaces.msg import BridgeStatus, SteeringStatus

from vls_core.rewards.code.worker import WorkerDiedError
from vls_core.rewards.program import scene_hash
from vls_core.rewards.verification.verify import ProgramVerifier
from vls_core.vlm.layout import pick_and_place
from vls_ros.programs import program_from_message
from vls_vlm_node.task import Task
from vls_vlm_node.world import BridgeState, ErrorCode, Phase, SteeringState

CODE = RunTask.Goal
SENTENCE = 'put the red cube on the plate, stay clear of the bottle'
PROGRAM = pick_and_place('red cube', 'plate', ('bottle',), inside=False)
ANSWER = {'outcome': 'program', 'program': PROGRAM.model_dump(mode='json'), 'explanation': 'ok'}


def ends_with_the_empty_program(peers):
    wait_for(lambda: peers.programs and not peers.programs[-1].stages, 'the empty program')
    return True


def in_force(peers):
    wait_for(lambda: peers.programs and peers.programs[-1].stages, 'a program')
    return peers.programs[-1]


def test_a_sentence_becomes_a_published_program_and_a_success(stack):
    task = stack.peers.run(SENTENCE, steer=True)
    result = task.result()
    assert result.error_code == CODE.NONE, result.message
    assert task.succeeded
    assert result.source == 'offline rules'
    assert result.duration > 0.0
    assert ends_with_the_empty_program(stack.peers)
    published = [program for program in stack.peers.programs if program.stages]
    assert len(published) == 1
    assert program_from_message(published[0]) == PROGRAM
    assert published[0].program_id == result.program_id
    assert published[0].instruction == SENTENCE
    assert published[0].scene_hash == scene_hash(stack.peers.scene)
    assert published[0].verified
    assert published[0].steer
    assert published[0].header.stamp.sec > 0


def test_feedback_tells_phase_stage_reward_and_latency(stack):
    stack.peers.policy_state = SteeringStatus.RUNNING
    task = stack.peers.run(SENTENCE)
    wait_for(lambda: any(item.stage_count for item in task.feedback), 'feedback of the motion')
    stack.peers.policy_state = SteeringStatus.SUCCEEDED
    task.result()
    assert task.phases[-2:] == ['authoring', 'acting']
    last = task.feedback[-1]
    assert (last.stage, last.stage_count) == (1, len(PROGRAM.stages))
    assert last.stage_name == PROGRAM.stages[1].name
    assert (last.reward, last.latency) == (-0.25, 0.1)


def test_an_unsteered_task_publishes_the_same_program_marked_so(stack):
    stack.peers.run(SENTENCE, steer=False).result()
    published = next(program for program in stack.peers.programs if program.stages)
    assert not published.steer
    assert program_from_message(published) == PROGRAM


def test_every_publication_has_an_id_of_its_own(stack):
    ids = {stack.peers.run(SENTENCE).result().program_id for _ in range(3)}
    assert len(ids) == 3


def test_cancelling_ends_the_task_and_the_program(stack):
    stack.peers.policy_state = SteeringStatus.RUNNING
    task = stack.peers.run(SENTENCE)
    in_force(stack.peers)
    task.cancel()
    assert task.result().error_code == CODE.CANCELLED
    assert task.status == GoalStatus.STATUS_CANCELED
    assert ends_with_the_empty_program(stack.peers)


def test_a_newer_task_takes_over_and_keeps_its_program(stack):
    stack.peers.policy_state = SteeringStatus.RUNNING
    older = stack.peers.run(SENTENCE)
    first = in_force(stack.peers)
    newer = stack.peers.run('put the blue cube in the tray')
    assert older.result().error_code == CODE.PREEMPTED
    assert older.status == GoalStatus.STATUS_ABORTED
    wait_for(lambda: in_force(stack.peers).program_id != first.program_id, 'the newer program')
    assert stack.peers.programs[-1].subject == 'blue cube'
    stack.peers.policy_state = SteeringStatus.SUCCEEDED
    assert newer.result().error_code == CODE.NONE


def test_a_burst_of_tasks_leaves_the_last_one(stack):
    stack.peers.policy_state = SteeringStatus.RUNNING
    tasks = [stack.peers.run(SENTENCE) for _ in range(12)]
    codes = {task.result().error_code for task in tasks[:-1]}
    assert codes == {CODE.PREEMPTED}
    stack.peers.policy_state = SteeringStatus.SUCCEEDED
    assert tasks[-1].result().error_code == CODE.NONE


def test_an_unknown_object_is_an_error_before_anything_moves(stack):
    result = stack.peers.run('put the mug on the plate').result()
    assert result.error_code == CODE.UNKNOWN_OBJECT
    assert 'no "mug"' in result.message
    assert 'red cube' in result.message
    assert result.program_id == ''
    assert ends_with_the_empty_program(stack.peers)
    assert not any(program.stages for program in stack.peers.programs)


@pytest.mark.parametrize(('sentence', 'word'), [
    ('put the cube on the plate', 'yellow cube'), ('', 'say it like'), ('dance', 'say it like'),
])
def test_a_sentence_that_is_no_clear_task_is_an_error_that_says_why(stack, sentence, word):
    result = stack.peers.run(sentence).result()
    assert result.error_code == CODE.NOT_UNDERSTOOD
    assert word in result.message


def test_no_scene_is_an_error_that_says_what_to_check(make_stack):
    stack = make_stack(scene_timeout=1.0)
    stack.peers.scene = None
    result = stack.peers.run(SENTENCE).result()
    assert result.error_code == CODE.NO_SCENE
    assert 'camera' in result.message


def test_a_silent_policy_is_an_error(make_stack):
    stack = make_stack(policy_timeout=1.0)
    stack.peers.policy_state = None
    assert stack.peers.run(SENTENCE).result().error_code == CODE.POLICY_SILENT
    assert ends_with_the_empty_program(stack.peers)


def test_a_failed_stage_is_an_error_that_names_it(stack):
    stack.peers.policy_state = SteeringStatus.FAILED
    result = stack.peers.run(SENTENCE).result()
    assert result.error_code == CODE.STAGE_FAILED
    assert PROGRAM.stages[1].name in result.message


def test_a_task_that_takes_too_long_is_an_error(stack):
    stack.peers.policy_state = SteeringStatus.RUNNING
    result = stack.peers.run(SENTENCE, timeout=0.4).result()
    assert result.error_code == CODE.TASK_TIMEOUT
    assert ends_with_the_empty_program(stack.peers)


@pytest.mark.parametrize('state', [
    BridgeStatus.IDLE, BridgeStatus.FAULT, BridgeStatus.ESTOP, None,
])
def test_a_bridge_that_cannot_move_is_an_error_and_nothing_is_published(make_stack, state):
    stack = make_stack(bridge_state=None, bridge_timeout=1.0)
    stack.peers.bridge_reason = 'user stop pressed'
    stack.peers.bridge_state = state
    wait_for(lambda: state is None or stack.bridge_seen() == state, 'the state to arrive')
    result = stack.peers.run(SENTENCE).result()
    assert result.error_code == CODE.BRIDGE_NOT_READY
    assert state is None or 'user stop pressed' in result.message


def test_a_fault_during_the_motion_ends_the_task(stack):
    stack.peers.policy_state = SteeringStatus.RUNNING
    task = stack.peers.run(SENTENCE)
    in_force(stack.peers)
    stack.peers.bridge_reason = 'collision'
    stack.peers.bridge_state = BridgeStatus.FAULT
    result = task.result()
    assert result.error_code == CODE.BRIDGE_NOT_READY
    assert 'collision' in result.message
    assert ends_with_the_empty_program(stack.peers)


@pytest.mark.parametrize('timeout', [-1.0, float('nan'), float('inf')])
def test_a_timeout_that_makes_no_sense_is_refused(stack, timeout):
    assert not stack.peers.run(SENTENCE, timeout=timeout).accepted


def test_deactivating_ends_the_task_and_refuses_new_ones(stack):
    stack.peers.policy_state = SteeringStatus.RUNNING
    task = stack.peers.run(SENTENCE)
    in_force(stack.peers)
    stack.vlm.trigger_deactivate()
    assert task.result().error_code == CODE.CANCELLED
    assert ends_with_the_empty_program(stack.peers)
    assert not stack.peers.run(SENTENCE).accepted


def test_cleaning_up_waits_for_the_task_at_hand(stack):
    stack.peers.policy_state = SteeringStatus.RUNNING
    task = stack.peers.run(SENTENCE)
    in_force(stack.peers)
    run = stack.vlm._newest
    stack.vlm.trigger_deactivate()
    stack.vlm.trigger_cleanup()
    assert run.outcome.code is ErrorCode.CANCELLED
    assert run.join(0.0)
    assert stack.vlm._means is None
    del task


def test_an_endpoint_gets_the_picture_and_writes_the_program(make_stack):
    with FakeEndpoint(completion(ANSWER)) as server:
        stack = make_stack(base_url=server.base_url, model='small-model')
        wait_for(stack.picture_seen, 'a picture')
        result = stack.peers.run(SENTENCE).result()
        assert result.error_code == CODE.NONE, result.message
        assert result.source == 'small-model'
        content = server.requests[0]['messages'][1]['content']
        assert content[1]['image_url']['url'].startswith('data:image/png;base64,iVBOR')
        again = stack.peers.run(SENTENCE).result()
        assert (again.error_code, again.source) == (CODE.NONE, 'small-model')
        assert len(server.requests) == 1, 'the second time the cache answers'


def test_a_broken_endpoint_falls_back_to_the_offline_rules_and_says_so(make_stack):
    with FakeEndpoint(failure(500)) as server:
        stack = make_stack(base_url=server.base_url, model='small-model', maximum_retries=0)
        result = stack.peers.run(SENTENCE).result()
        assert result.error_code == CODE.NONE, result.message
        assert result.source == 'offline rules'
        assert server.base_url in result.message
        wait_for(lambda: stack.peers.diagnostics is not None
                 and stack.peers.diagnostics.level == DiagnosticStatus.WARN, 'a warning')
        assert 'offline rules instead of small-model' in stack.peers.diagnostics.message


@pytest.mark.parametrize('reply', [failure(500), completion('nonsense'), Reply(hang=True)])
def test_without_fallback_a_broken_endpoint_is_an_error_and_nothing_moves(make_stack, reply):
    with FakeEndpoint(reply) as server:
        stack = make_stack(
            base_url=server.base_url, model='small-model', maximum_retries=0, request_timeout=0.2,
            fall_back_to_offline=False,
        )
        result = stack.peers.run(SENTENCE).result()
    assert result.error_code == CODE.AUTHOR_FAILED
    assert server.base_url in result.message
    assert result.program_id == ''
    assert ends_with_the_empty_program(stack.peers)
    assert not any(program.stages for program in stack.peers.programs)


def test_cancelling_does_not_wait_for_a_hanging_endpoint(make_stack):
    with FakeEndpoint(Reply(hang=True)) as server:
        stack = make_stack(
            base_url=server.base_url, model='m', request_timeout=60.0, authoring_timeout=120.0
        )
        task = stack.peers.run(SENTENCE)
        wait_for(lambda: server.requests, 'the request')
        wait_for(lambda: task.phases[-1:] == ['authoring'], 'the feedback')
        task.cancel()
        assert task.result().error_code == CODE.CANCELLED
        assert task.phases[-1] == 'authoring'


def test_a_bug_in_the_task_ends_it_with_an_error_and_the_empty_program(stack, monkeypatch):
    step = Task.step

    def breaking_step(task, now, world):
        if task.phase is Phase.ACTING:
            raise RuntimeError('a bug')
        return step(task, now, world)

    monkeypatch.setattr(Task, 'step', breaking_step)
    result = stack.peers.run(SENTENCE).result()
    assert result.error_code == CODE.AUTHOR_FAILED
    assert 'RuntimeError' in result.message
    assert 'a bug' not in result.message, 'it may hold secrets'
    assert any(program.stages for program in stack.peers.programs)
    assert ends_with_the_empty_program(stack.peers)


def test_feedback_that_fails_at_the_end_costs_neither_the_result_nor_the_withdrawal(
    stack, monkeypatch
):
    stack.peers.policy_state = SteeringStatus.RUNNING
    task = stack.peers.run(SENTENCE)
    in_force(stack.peers)
    run = stack.vlm._newest

    def broken(steering):
        raise RuntimeError('no context')

    monkeypatch.setattr(run, '_send_feedback', broken)
    run._take_step('the last word')
    assert task.result().error_code == CODE.AUTHOR_FAILED
    assert ends_with_the_empty_program(stack.peers)


def test_a_bridge_state_it_does_not_know_counts_as_silence(make_stack):
    stack = make_stack(bridge_state=77, bridge_timeout=1.0)
    assert stack.peers.run(SENTENCE).result().error_code == CODE.BRIDGE_NOT_READY


@pytest.mark.parametrize(('argument', 'words'), [
    ('base_url:=localhost', 'write e.g.'), ('base_ulr:=http://x/v1', 'no parameter base_ulr'),
])
def test_parameters_that_cannot_work_end_the_process_with_what_to_do(argument, words):
    command = [sys.executable, '-m', 'vls_vlm_node.node', '--ros-args', '-p', argument]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert words in ended.stderr
    assert 'Traceback' not in ended.stderr


def test_a_worker_that_does_not_start_refuses_the_configuration(tmp_path, monkeypatch):
    def broken(verifier):
        raise WorkerDiedError('no memory')

    monkeypatch.setattr(ProgramVerifier, 'worker', property(broken))
    stack = Stack(tmp_path / 'cache', base_url='http://127.0.0.1:9/v1', model='m')
    try:
        assert not stack.vlm.bring_up()
        assert stack.vlm._means is None
    finally:
        stack.close()


def test_the_codes_and_states_are_those_of_the_messages():
    for code in ErrorCode:
        assert getattr(CODE, code.name) == code
    for state in BridgeState:
        assert getattr(BridgeStatus, state.name) == state
    for state in SteeringState:
        assert getattr(SteeringStatus, state.name) == state
