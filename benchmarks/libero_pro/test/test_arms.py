"""The arms cost the same, know no task, and are asked for by name."""

from pathlib import Path

import pytest
import torch

from benchmarks.libero_pro.arms import ARMS, BASE, BASELINES, OURS, UnknownArmError, arm_named
from benchmarks.libero_pro.names import FIXED, SAID, kind_of
from benchmarks.libero_pro.suites import SUITES, tasks
from benchmarks.libero_pro.test.test_policy import observation, policy
from vls_core.rewards.program import Grasp, Grasped, Stage
from vls_core.rewards.stage_reward import StageReward

ROOT = Path(__file__).parents[3]
STAGE = Stage(name='take', terms=(Grasp(object='bowl'),), completion=(Grasped(),))


@pytest.mark.parametrize('name', [name for name in ARMS if name != BASE])
def test_every_arm_evaluates_the_network_about_as_often(name):
    made, seen = policy(), observation()
    chunk = arm_named(name).sampler(
        made, seen, StageReward(STAGE, seen.scene), torch.Generator().manual_seed(0)
    )
    assert 180 <= chunk.network_evaluations <= 202


@pytest.mark.parametrize(('name', 'count'), [(OURS, 23), ('as coded tuned', 10), ('best of N', 0)])
def test_gradients_come_on_top_and_not_equally_many(name, count, monkeypatch):
    taken, gradient = [], torch.autograd.grad

    def counted(*values, **options):
        taken.append(1)
        return gradient(*values, **options)

    monkeypatch.setattr(torch.autograd, 'grad', counted)
    seen = observation()
    arm_named(name).sampler(
        policy(), seen, StageReward(STAGE, seen.scene), torch.Generator().manual_seed(0)
    )
    assert len(taken) == count


def test_an_unknown_arm_is_answered_with_those_there_are():
    with pytest.raises(UnknownArmError, match='best of N'):
        arm_named('best')
    assert {OURS, BASE, *BASELINES} <= ARMS.keys()


def words_of_tasks():
    """Of the names of all things in all problem files, but for what they are put on or in."""
    found = set()
    for suite in SUITES:
        for task in tasks(suite):
            text = task.problem_file.read_text()
            things = text.split('(:objects')[1].split(')')[0].split()
            found |= {word for thing in things if thing.endswith(('_1', '_2'))
                      for word in kind_of(thing).split()}
    general = {'box', 'red', 'black', 'plate', 'bottle', 'bowl', 'white', 'new', 'salad'}
    return found - set(FIXED) - {word for said in SAID.values() for word in said.split()} - general


def test_nothing_that_acts_knows_a_task():
    words = words_of_tasks()
    assert {'ketchup', 'milk', 'akita', 'ramekin'} <= words
    core = ROOT / 'ros2_ws' / 'src' / 'vls_core' / 'vls_core'
    files = [
        *ROOT.glob('benchmarks/libero_pro/*.py'),
        *(file for part in ('steering', 'rewards', 'policies', 'vlm/offline')
          for file in (core / part).rglob('*.py')),
    ]
    assert len(files) > 50
    known = {
        (file.name, word) for file in files for word in words
        if any(f'{quote}{word}' in file.read_text() for quote in '"\'')
    }
    assert not known
