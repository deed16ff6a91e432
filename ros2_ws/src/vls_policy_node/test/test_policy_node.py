"""The node on real DDS, with a small untrained policy: what matters here is when it speaks."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import PoseStamped
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter
from sensor_msgs.msg import JointState
from vls_interfaces import msg as messages

from vls_core.policies.flow import FlowPolicy, FlowPolicyConfig
from vls_core.rewards.code.evaluator import SandboxedEvaluator
from vls_core.rewards.code.worker import Worker
from vls_core.rewards.program import (
    Avoid,
    Code,
    Grasp,
    Grasped,
    Place,
    Released,
    RewardProgram,
    Stage,
)
from vls_core.types import ObjectKind, Scene, SceneObject, UnknownObjectError
from vls_policy_node.policy_node import PolicyNode
from vls_ros import convert, qos
from vls_ros.programs import program_to_message

SCENE_OBJECTS = (
    SceneObject('cube', ObjectKind.GRASPABLE, np.array([0.5, 0, 0.02]), np.full(3, 0.04)),
    SceneObject('plate', ObjectKind.SURFACE, np.array([0.5, 0.3, 0.006]), np.full(3, 0.1)),
)
PROGRAM = RewardProgram(subject='cube', target='plate', stages=(
    Stage(name='grasp', terms=(Grasp(object='cube'),), completion=(Grasped(),), timeout=300.0),
    Stage(name='place', terms=(Place(object='plate', subject='cube'),), completion=(Released(),),
          timeout=300.0),
))
BOTTLE = SceneObject('bottle', ObjectKind.OBSTACLE, np.array([0.5, 0.15, 0.1]), np.full(3, 0.06))
CLOSER = """def closer(keypoints, trajectory):
    return -torch.norm(trajectory[:, -1] - keypoints['cube'], dim=-1)
"""


def coded(source=CLOSER):
    """The program with a term in code in its first stage."""
    first = PROGRAM.stages[0]
    term = Code(name='closer', source=source, goal='cube')
    stage = first.model_copy(update={'terms': (*first.terms, term)})
    return PROGRAM.model_copy(update={'stages': (stage, *PROGRAM.stages[1:])})


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory):
    path = tmp_path_factory.mktemp('policy') / 'untrained.safetensors'
    FlowPolicy(FlowPolicyConfig(hidden_width=32, blocks=1)).save(path)
    return path


@pytest.fixture
def world(checkpoint):
    """The node, and a peer that plays perception, bridge and author."""
    context = Context()
    context.init(domain_id=71)
    node = PolicyNode(context=context, parameter_overrides=[
        Parameter('checkpoint', value=str(checkpoint)),
        Parameter('code_deadline', value=10.0),  # so that a busy computer costs no term
    ])
    peer = Peer(context)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    executor.add_node(peer.node)
    assert node.bring_up()
    peer.policy = node
    yield peer, lambda done: spin(executor, peer, done)
    node.teardown()
    executor.shutdown()
    node.destroy_node()
    peer.node.destroy_node()
    context.try_shutdown()


class Peer:
    def __init__(self, context):
        self.node = node = rclpy.create_node('peer', context=context)
        self.chunks, self.statuses, self.alive = [], [], True
        self.objects = SCENE_OBJECTS
        node.create_subscription(
            messages.ActionChunk, 'action_chunk', self.chunks.append, qos.action_chunk(5.0))
        node.create_subscription(
            messages.SteeringStatus, 'steering_status', self.statuses.append, qos.STATUS)
        self.programs = node.create_publisher(
            messages.RewardProgram, 'reward_program', qos.LATCHED)
        self.scenes = node.create_publisher(messages.Scene, 'scene', qos.LATCHED)
        self.joints = node.create_publisher(JointState, 'joint_states', qos.STATE)
        self.poses = node.create_publisher(PoseStamped, 'end_effector_pose', qos.STATE)
        self.proposals = node.create_publisher(
            messages.StageProposal, 'stage_proposal', qos.STATUS)
        self.diagnostics = None
        node.create_subscription(
            DiagnosticArray, '/diagnostics', self._on_diagnostics, qos.STATUS)

    def _on_diagnostics(self, message):
        self.diagnostics = next(item for item in message.status if item.name == 'policy')

    def measure(self):
        now = self.node.get_clock().now()
        joints = JointState(position=[0.0] * 7 + [0.04, 0.04], velocity=[0.0] * 9)
        pose = PoseStamped()
        pose.pose.position.x, pose.pose.position.z, pose.pose.orientation.x = 0.4, 0.3, 1.0
        joints.header.stamp = pose.header.stamp = now.to_msg()
        self.joints.publish(joints)
        self.poses.publish(pose)
        self.scenes.publish(convert.scene_to_message(
            Scene(now.nanoseconds * 1e-9, self.objects)))

    def send(self, **changes):
        self.programs.publish(message_of(**changes))


def message_of(program=PROGRAM, verified=True, steer=True, **changes):
    message = program_to_message(program)
    message.program_id, message.verified, message.steer = 'p1', verified, steer
    for name, value in changes.items():
        setattr(message, name, value)
    return message


def spin(executor, peer, done, limit=60.0):
    """Spins until done() holds; False after `limit` seconds without it."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if peer.alive:
            peer.measure()
        executor.spin_once(timeout_sec=0.02)
        if done():
            return True
    return False


def test_a_verified_program_brings_chunks_with_their_status(world):
    peer, until = world
    peer.send()
    assert until(lambda: len(peer.chunks) >= 2 and len(peer.statuses) >= 2)
    chunk = convert.chunk_from_message(peer.chunks[0])
    status = peer.statuses[0]
    assert chunk.horizon == 16
    assert status.sequence == chunk.sequence and status.program_id == 'p1'
    assert list(status.term_names) == ['grasp cube'] and status.stage_count == 2
    assert peer.chunks[1].sequence > peer.chunks[0].sequence


def test_at_half_the_speed_a_step_lasts_twice_as_long(world):
    peer, until = world
    node = peer.policy
    node.halt()
    node.teardown()
    node.parameters = replace(node.parameters, speed=0.5)
    node.setup()
    node.start()
    peer.send()
    assert until(lambda: peer.chunks)
    assert peer.chunks[0].step_duration == pytest.approx(2 / 15)


def test_no_program_no_chunk_and_an_empty_program_ends_the_task(world):
    peer, until = world
    assert not spin_for(until, 1.0, lambda: peer.chunks)
    peer.send()
    assert until(lambda: peer.chunks)
    peer.programs.publish(messages.RewardProgram())
    until_quiet(until, peer)


@pytest.mark.parametrize('changes', [
    {'verified': False}, {'content_hash': 'forged'}, {'stages': [messages.RewardStage(name='x')]},
])
def test_an_unverified_or_broken_program_moves_nothing(world, changes):
    peer, until = world
    peer.send(**changes)
    assert not spin_for(until, 1.5, lambda: peer.chunks)


def test_code_counts_from_the_first_chunk_of_the_first_program(world):
    peer, until = world
    assert until(lambda: said(peer, 'terms in code') == 'ready')
    peer.send(program=coded())
    assert until(lambda: peer.statuses)
    assert list(peer.statuses[0].term_names) == ['grasp cube', 'closer']
    assert peer.statuses[0].term_rewards[1] < 0


def said(peer, key):
    """A value of the newest diagnostics."""
    values = peer.diagnostics.values if peer.diagnostics else ()
    return next((item.value for item in values if item.key == key), None)


def test_a_program_with_code_is_planned_without_it_until_its_worker_is_ready(world):
    peer, until = world
    peer.policy._code._worker.close()
    peer.policy._code._worker = worker = Worker()
    peer.policy._code._evaluator = SandboxedEvaluator(worker, 10.0)
    peer.send(program=coded())
    assert until(lambda: peer.statuses)
    assert 'not ready' in peer.statuses[0].gate_reason
    assert np.isnan(peer.statuses[0].term_rewards[1])
    assert until(lambda: not np.isnan(peer.statuses[-1].term_rewards[1]))
    assert peer.statuses[-1].term_rewards[1] < 0


def test_a_worker_that_dies_costs_its_terms_for_a_while_and_no_chunk(world):
    peer, until = world
    peer.send(program=coded())
    assert until(lambda: peer.statuses and not np.isnan(peer.statuses[-1].term_rewards[1]))
    os.kill(peer.policy._code._worker.process_id, signal.SIGKILL)
    before = len(peer.statuses)
    assert until(lambda: any(np.isnan(item.term_rewards[1]) for item in peer.statuses[before:]))
    assert until(lambda: not np.isnan(peer.statuses[-1].term_rewards[1]))


def test_a_worker_that_ends_while_there_is_no_task_is_replaced(world):
    peer, until = world
    assert until(lambda: said(peer, 'terms in code') == 'ready')
    worker = peer.policy._code._worker
    before = worker.process_id
    os.kill(before, signal.SIGKILL)
    assert until(lambda: worker.ready and worker._ready.process_id != before)
    peer.diagnostics = None
    assert until(lambda: said(peer, 'terms in code') == 'ready')


def test_code_that_fails_on_the_robot_is_given_up_loudly(world):
    peer, until = world
    fails = CLOSER.replace('dim=-1)', 'dim=-1) / 0.0')
    peer.send(program=coded(fails))
    assert until(lambda: peer.statuses and 'given up' in peer.statuses[-1].gate_reason)
    assert len(peer.chunks) >= 3
    assert until(lambda: peer.diagnostics and 'given up' in peer.diagnostics.message)
    assert peer.diagnostics.level == DiagnosticStatus.WARN


@pytest.mark.parametrize('source', [
    "def f(keypoints, trajectory):\n    return __import__('os').getpid()\n", 'nonsense(', '   ',
])
def test_code_that_is_not_allowed_is_refused_here_too_and_moves_nothing(world, source):
    peer, until = world
    peer.send()
    assert until(lambda: peer.chunks)
    peer.send(program=coded(source))
    assert until(lambda: peer.diagnostics and 'refused' in peer.diagnostics.message)
    until_quiet(until, peer)


def test_a_proposal_is_answered_and_moves_no_stage(world):
    peer, until = world
    peer.send()
    assert until(lambda: peer.statuses)
    proposal = messages.StageProposal(
        program_id='p1', stage=0, done=True, reason='the cube is up', source='some model')
    peer.proposals.publish(proposal)
    assert until(lambda: any(item.suggestion for item in peer.statuses))
    answered = next(item for item in peer.statuses if item.suggestion)
    for words in ('some model', 'the cube is up', 'grasped'):
        assert words in answered.suggestion
    seen = len(peer.statuses)
    assert until(lambda: len(peer.statuses) > seen + 1)
    assert peer.statuses[-1].stage == 0
    assert peer.statuses[-1].suggestion == ''


@pytest.mark.parametrize('changes', [{'program_id': 'other'}, {'stage': 1}])
def test_a_proposal_about_something_else_counts_for_nothing(world, changes):
    peer, until = world
    peer.send()
    assert until(lambda: peer.statuses)
    values = {'program_id': 'p1', 'stage': 0, 'done': True, 'reason': 'x', **changes}
    peer.proposals.publish(messages.StageProposal(**values))
    peer.proposals.publish(
        messages.StageProposal(program_id='p1', stage=0, done=False, reason='mark'))
    assert until(lambda: any('mark' in item.suggestion for item in peer.statuses))
    assert sum(bool(item.suggestion) for item in peer.statuses) == 1


def avoiding():
    """The program staying clear of the bottle in its first stage."""
    first = PROGRAM.stages[0]
    terms = (*first.terms, Avoid(object='bottle'))
    stage = first.model_copy(update={'terms': terms})
    return PROGRAM.model_copy(update={'stages': (stage, *PROGRAM.stages[1:])})


def test_while_something_to_stay_clear_of_is_out_of_view_it_holds_and_says_so(world):
    peer, until = world
    peer.objects = (*SCENE_OBJECTS, BOTTLE)
    peer.send(program=avoiding())
    assert until(lambda: peer.chunks)
    peer.objects = SCENE_OBJECTS
    until_quiet(until, peer)
    assert until(lambda: peer.diagnostics and 'bottle' in peer.diagnostics.message)
    assert peer.diagnostics.level == DiagnosticStatus.WARN
    before = len(peer.chunks)
    peer.objects = (*SCENE_OBJECTS, BOTTLE)
    assert until(lambda: len(peer.chunks) > before)


def test_a_proposal_while_what_it_needs_is_out_of_view_is_not_answered(world, monkeypatch):
    peer, until = world
    peer.send()
    assert until(lambda: peer.statuses)

    def unknown(reason):
        raise UnknownObjectError('cube', ())

    monkeypatch.setattr(peer.policy._planner, 'suggest', unknown)
    peer.proposals.publish(
        messages.StageProposal(program_id='p1', stage=0, done=True, reason='lost'))
    seen = len(peer.statuses)
    assert until(lambda: len(peer.statuses) > seen + 2)
    assert not any(item.suggestion for item in peer.statuses)


def test_without_a_fresh_robot_state_nothing_is_published(world):
    peer, until = world
    peer.send()
    assert until(lambda: peer.chunks)
    peer.alive = False
    until_quiet(until, peer)


def test_an_inactive_node_takes_no_task_and_listens_anew_once_it_is_active(world):
    peer, until = world
    listening = len(list(peer.policy.subscriptions))
    timers = len(list(peer.policy.timers))
    peer.send()
    assert until(lambda: peer.chunks)
    peer.policy.trigger_deactivate()
    peer.policy._on_program(message_of(PROGRAM))  # as if it had been under way
    assert peer.policy._planner.task is None
    until_quiet(until, peer)
    peer.policy.trigger_activate()
    assert len(list(peer.policy.subscriptions)) == listening
    assert len(list(peer.policy.timers)) == timers
    before = len(peer.chunks)
    assert until(lambda: len(peer.chunks) > before), 'the latched program is taken up again'


def test_what_was_configured_is_closed_and_can_be_configured_again(world):
    peer, until = world
    publishers = len(list(peer.policy.publishers))
    peer.policy.trigger_deactivate()
    peer.policy.trigger_cleanup()
    assert len(list(peer.policy.publishers)) == publishers - 3
    assert peer.policy.bring_up()
    assert len(list(peer.policy.publishers)) == publishers


def test_without_an_author_the_arm_is_left_alone(world):
    peer, until = world
    peer.send()
    assert until(lambda: peer.chunks)
    peer.node.destroy_publisher(peer.programs)
    until_quiet(until, peer)


def spin_for(until, duration, happened):
    """Spins for a while; whether it happened."""
    end = time.monotonic() + duration
    until(lambda: happened() or time.monotonic() > end)
    return bool(happened())


def until_quiet(until, peer, quiet=1.5):
    """Waits until no chunk has come for longer than a chunk lasts."""
    last = [time.monotonic(), len(peer.chunks)]

    def silent():
        if len(peer.chunks) != last[1]:
            last[:] = [time.monotonic(), len(peer.chunks)]
        return time.monotonic() - last[0] > quiet

    assert until(silent)


@pytest.mark.parametrize(('argument', 'words'), [
    ('checkpoint:=/nowhere/policy.safetensors', 'make train'),
    ('particles:=4', 'has no parameter particles'),
    ('replan_steps:=99', 'out of range'),
    ('replan_steps:=14', 'the 16 steps of a chunk'),
])
def test_what_the_user_got_wrong_ends_with_a_sentence_and_exit_code_1(argument, words):
    run = subprocess.run(
        [sys.executable, '-m', 'vls_policy_node.policy_node', '--ros-args', '-p', argument],
        capture_output=True, text=True, timeout=60, env={**os.environ, 'ROS_DOMAIN_ID': '72'},
    )
    assert run.returncode == 1
    assert words in run.stderr + run.stdout
    assert 'Traceback' not in run.stderr
