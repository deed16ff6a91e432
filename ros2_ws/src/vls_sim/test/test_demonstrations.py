"""Demonstrations are successful, clean and joined into one file."""

import numpy as np
import pytest

from vls_sim import demonstrations
from vls_sim.demonstrations import (
    FIRST_SEED,
    PUSH_DISPLACEMENT,
    Pushes,
    record_episode,
    save,
)
from vls_sim.rig import CONTROL_PERIOD


@pytest.fixture(scope='module')
def demonstration(rig):
    return record_episode(rig, FIRST_SEED)


def test_the_columns_have_the_same_length(demonstration):
    lengths = {len(column) for column in vars(demonstration).values()}
    assert len(lengths) == 1
    assert demonstration.expert_target_position.shape[1] == 3


class PushAt:
    """Pushes once, in one step."""

    def __init__(self, step):
        self._step, self._count = step, 0

    def next(self, allowed):
        self._count += 1
        return np.array([0.0, 0.03, 0.0]) if self._count == self._step + 1 else np.zeros(3)


def test_the_recorded_target_is_the_clean_intention(rig, monkeypatch):
    """A push moves the arm and what the expert wants later, not what it wanted in that step."""
    runs = []
    for push_step in (10, 10_000):
        monkeypatch.setattr(demonstrations, 'Pushes', lambda _, at=push_step: PushAt(at))
        runs.append(record_episode(rig, FIRST_SEED))
    pushed, clean = runs
    np.testing.assert_array_equal(
        pushed.expert_target_position[:11], clean.expert_target_position[:11]
    )
    difference = pushed.expert_target_position[11] - clean.expert_target_position[11]
    np.testing.assert_allclose(difference, [0.0, 0.03, 0.0], atol=0.01)
    assert pushed.end_effector_position[12, 1] > clean.end_effector_position[12, 1] + 0.01


def test_the_command_before_is_the_expert_command_of_the_step_before(demonstration):
    np.testing.assert_array_equal(
        demonstration.gripper_command[1:], demonstration.expert_gripper[:-1]
    )
    assert demonstration.gripper_command[0] == 1.0


def test_the_cube_ends_on_its_target(demonstration):
    offset = demonstration.subject_position[-1] - demonstration.target_position[-1]
    assert np.hypot(*offset[:2]) < 0.02


def test_pushes_have_the_stated_size_and_stop_when_forbidden():
    pushes = Pushes(np.random.default_rng(0))
    totals, current = [], np.zeros(3)
    for _ in range(60_000):
        step = pushes.next(True)
        if not step.any() and current.any():
            totals.append(current)
            current = np.zeros(3)
        current = current + step
    sizes = np.array(totals)
    assert sizes.std() == pytest.approx(PUSH_DISPLACEMENT, rel=0.25)
    while not pushes.next(True).any():
        pass
    assert not pushes.next(False).any()


def test_the_file_joins_the_episodes(demonstration, tmp_path):
    file = tmp_path / 'new' / 'demonstrations.npz'
    save([demonstration, demonstration], file)
    with np.load(file) as arrays:
        steps = len(demonstration.step)
        assert arrays['end_effector_position'].shape == (2 * steps, 3)
        np.testing.assert_array_equal(np.bincount(arrays['episode']), [steps, steps])
        assert arrays['control_period'] == CONTROL_PERIOD
