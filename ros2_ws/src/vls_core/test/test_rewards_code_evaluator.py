import gc
import os
import signal

import numpy as np
import pytest
import torch
from code_rewards import REACH, function, inputs

from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.code.evaluator import InProcessEvaluator, SandboxedEvaluator
from vls_core.rewards.code.worker import Worker
from vls_core.rewards.term_models import Code
from vls_core.trajectory import Trajectory
from vls_core.types import ObjectKind, Scene, SceneObject

GRIPPER = '''def close(keypoints, trajectory, gripper):
    near = torch.exp(-torch.norm(trajectory - keypoints['red cube.top'], dim=-1))
    return -(near * gripper.square()).mean(dim=1)
'''


def term(source):
    return Code(name='term', source=source, goal='red cube')


def scene(x=0.5):
    size = np.full(3, 0.04)
    return Scene(0.0, (
        SceneObject('red cube', ObjectKind.GRASPABLE, np.array([x, 0.1, 0.02]), size),
    ))


def trajectory(particles=4, dtype=torch.float32):
    return Trajectory(*inputs(particles, dtype=dtype), step_duration=0.1)


@pytest.fixture(scope='module')
def worker():
    with Worker() as worker:
        yield worker


def patient(worker):
    """On a computer that pauses, too."""
    return SandboxedEvaluator(worker, deadline=20.0)


@pytest.fixture(params=['sandboxed', 'in process'])
def evaluator(request):
    if request.param == 'in process':
        return InProcessEvaluator()
    return patient(request.getfixturevalue('worker'))


@pytest.mark.parametrize('source', [REACH, GRIPPER])
@pytest.mark.parametrize('dtype', [torch.float32, torch.float64])
def test_both_evaluators_give_the_same_values_and_gradients(worker, source, dtype):
    found = []
    for evaluator in (patient(worker), InProcessEvaluator()):
        path = trajectory(dtype=dtype)
        values = evaluator(term(source), scene(), path)
        upstream = torch.arange(4.0, dtype=dtype)
        found.append((values, *torch.autograd.grad(
            (values * upstream).sum(), (path.positions, path.gripper), materialize_grads=True
        )))
    for sandboxed, in_process in zip(*found, strict=True):
        assert sandboxed.dtype is dtype
        torch.testing.assert_close(sandboxed, in_process)


def test_gradients_pass_the_check_by_finite_differences(worker):
    evaluator, path = patient(worker), trajectory(2, torch.float64)

    def reward(positions, gripper):
        return evaluator(term(GRIPPER), scene(), Trajectory(positions, gripper, 0.1))

    assert torch.autograd.gradcheck(reward, (path.positions, path.gripper), fast_mode=True)


def test_without_need_of_gradients_none_are_made(evaluator):
    path = trajectory()
    with torch.no_grad():
        values = evaluator(term(REACH), scene(), path)
    assert not values.requires_grad
    assert torch.equal(values, evaluator(term(REACH), scene(), path).detach())
    fixed = Trajectory(path.positions.detach(), path.gripper.detach(), 0.1)
    assert not evaluator(term(REACH), scene(), fixed).requires_grad


def test_names_mean_where_things_are_now(evaluator):
    path = trajectory()
    here, there = (evaluator(term(REACH), scene(x), path) for x in (0.5, 0.9))
    assert not torch.allclose(here, there)
    torch.testing.assert_close(evaluator(term(REACH), scene(0.5), path), here)


def test_scenes_that_are_gone_are_not_mistaken_for_new_ones(worker):
    evaluator, path, values = patient(worker), trajectory(), []
    for index in range(200):
        values.append(evaluator(term(REACH), scene(0.3 + 0.001 * index), path).sum().item())
        gc.collect(0)
    assert len(set(values)) == len(values)


def test_many_terms_are_evaluated_in_turns(evaluator):
    path = trajectory()
    sources = [REACH.replace('1.0', f'{1 + index}.0') for index in range(70)]
    first = [evaluator(term(source), scene(), path) for source in sources]
    again = [evaluator(term(source), scene(), path) for source in sources]
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))


@pytest.mark.parametrize(('value', 'reason'), [
    ('trajectory', 'shape'), ('trajectory.mean()', 'shape'), ('gripper', 'shape'),
    ('torch.log(trajectory[:, 0, 0] - 9.0)', 'finite'),
    ('torch.exp(trajectory[:, 0, 0] * 1000.0 + 1000.0)', 'finite'),
    ("keypoints['blue cube'].sum()", 'blue cube'), ('undefined', 'undefined'),
    ('torch.load(trajectory)', 'not allowed'), ('trajectory[:, 0, 0] + 1 / 0', 'ZeroDivision'),
])
def test_what_gives_no_reward_for_each_particle_is_an_error(evaluator, value, reason):
    with pytest.raises(RewardCodeError, match=reason):
        evaluator(term(function('', value)), scene(), trajectory())


def test_a_gradient_that_is_not_finite_is_an_error(worker):
    source = function('x = trajectory[:, 0, 0]', 'torch.where(x > 9.0, torch.log(x - x), 0.0)')
    with pytest.raises(RewardCodeError, match='gradient'):
        patient(worker)(term(source), scene(), trajectory())


def test_a_reward_of_the_gripper_alone_has_no_gradient_by_positions(evaluator):
    path = trajectory()
    values = evaluator(term(function('', '-gripper.mean(dim=1)')), scene(), path)
    by_positions, by_gripper = torch.autograd.grad(
        values.sum(), (path.positions, path.gripper), allow_unused=True, materialize_grads=True
    )
    assert by_positions.eq(0.0).all()
    assert by_gripper.lt(0.0).all()


def test_a_new_worker_is_told_what_the_old_one_knew(worker):
    evaluator, path = patient(worker), trajectory()
    before = evaluator(term(REACH), scene(), path)
    first = worker.process_id
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert torch.equal(evaluator(term(REACH), scene(), path), before)
    assert worker.process_id != first


def test_positions_that_are_views_of_something_larger_are_sent_whole(evaluator):
    path = trajectory(8)
    part = path[::2]
    torch.testing.assert_close(
        evaluator(term(REACH), scene(), part), evaluator(term(REACH), scene(), path)[::2]
    )


def test_no_reward_meets_more_particles_than_verification_can_try(evaluator):
    """Else it could be one thing for a few and another for many."""
    source = function('many = min(1, trajectory.shape[0] // 129)',
                      'trajectory[:, 0, 0] * 0.0 + many')
    assert evaluator(term(source), scene(), trajectory(300)).eq(0.0).all()


def test_many_particles_have_the_values_of_few(evaluator):
    path = trajectory(300)
    values = evaluator(term(REACH), scene(), path)
    gradient = torch.autograd.grad(values.sum(), path.positions)[0]
    parts = [evaluator(term(REACH), scene(), path[start:start + 50])
             for start in range(0, 300, 50)]
    torch.testing.assert_close(values, torch.cat(parts))
    torch.testing.assert_close(
        gradient, torch.autograd.grad(torch.cat(parts).sum(), path.positions)[0]
    )
