"""What is learned: what the expert meant to do, from what the camera sees."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.libero_pro.chunks import NoDemonstrationsError, gather
from benchmarks.libero_pro.demonstration import Demonstration
from benchmarks.libero_pro.features import OBJECT_WIDTH, PLACE_WIDTH
from benchmarks.libero_pro.seen import FILE, Seen

BASE = np.array([-0.6, 0.0, 0.9])
LENGTH, HORIZON = 12, 8


def episode(succeeded=True, actions=None):
    robot = np.tile([0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.08], (LENGTH, 1)).astype(np.float32)
    robot[:, 0] = np.linspace(-0.2, 0.0, LENGTH)
    if actions is None:
        actions = np.zeros((LENGTH, 7))
        actions[:, 0] = 1.0
        actions[:, 6] = np.where(np.arange(LENGTH) < 6, -1.0, 1.0)
    places = np.tile([[[0.1, 0.2, 0.9], [0.3, 0.0, 0.9]]], (LENGTH, 1, 1)).astype(np.float32)
    return Demonstration('put the cup away', 0, succeeded, np.array(['cup_1', 'shelf_1_region']),
                         robot, places, np.asarray(actions, np.float32))


@pytest.fixture
def folder(tmp_path):
    offsets = np.array([[[0.0, 0.0, 0.05]]])
    Seen(BASE, np.array([1]), np.array(['cup_1']), np.array([['cup']]), offsets).save(
        tmp_path / 'task' / FILE)
    return tmp_path


def test_things_are_where_the_camera_saw_them_in_the_base_frame(folder):
    episode().save(folder / 'task' / '01-00.npz')
    chunks = gather(folder, ['task'], HORIZON)
    assert chunks.vocabulary == ('cup',)
    assert len(chunks) == LENGTH
    seen = chunks.places.reshape(LENGTH, 1, PLACE_WIDTH)
    assert seen[3, 0] == pytest.approx([1.0, 0.7, 0.2, 0.05], abs=1e-6)


def test_after_the_last_action_the_arm_stands_still_and_the_hand_stays_as_it_is(folder):
    episode().save(folder / 'task' / '01-00.npz')
    last = gather(folder, ['task'], HORIZON).actions[-1]
    assert last[0, 0] == 1.0
    assert not last[3:, :6].any()
    assert (last[:, 6] == 1.0).all()


def test_corrections_are_averaged_away_but_for_the_answer_to_what_is_seen_now(folder):
    wavering = np.zeros((LENGTH, 7))
    wavering[:, 0] = np.where(np.arange(LENGTH) % 2, 0.5, 0.9)
    episode(actions=wavering).save(folder / 'task' / '01-00.npz')
    chunk = gather(folder, ['task'], HORIZON).actions[0]
    assert chunk[0, 0] == pytest.approx(0.9)
    assert chunk[2:, 0] == pytest.approx(0.7, abs=0.05)


def test_failed_demonstrations_are_not_learned(folder):
    episode(succeeded=False).save(folder / 'task' / '01-00.npz')
    with pytest.raises(NoDemonstrationsError, match='make demos'):
        gather(folder, ['task'], HORIZON)


def test_things_alike_are_numbered_by_chance(folder):
    episode().save(folder / 'task' / '01-00.npz')
    chunks = gather(folder, ['task'], HORIZON)
    chunks = replace(
        chunks, vocabulary=('bowl 1', 'bowl 2', 'plate'),
        places=np.tile(np.arange(3.0)[:, None], (LENGTH, 1, PLACE_WIDTH)),
    )
    features = chunks.features(np.zeros(400, int), 0.0, np.random.default_rng(0))
    first = features[:, -3 * OBJECT_WIDTH]
    second, plate = features[:, -2 * OBJECT_WIDTH], features[:, -OBJECT_WIDTH]
    assert 100 < first.sum() < 300
    assert (first + second == 1.0).all()
    assert (plate == 2.0).all()
    assert (chunks.places[0, 0] == 0.0).all(), 'what was gathered stays as it is'
