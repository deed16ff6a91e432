import numpy as np
import pytest

from benchmarks.steering.planar import (
    BLOCKING_RADIUS,
    DISPLACEMENT,
    HEIGHT,
    HORIZON,
    PlanarTest,
    demonstrate,
    draw_layouts,
    layout_of,
    make_scene,
)
from benchmarks.steering.planar_reward import LONGEST_STEP


def expert(scene, count, seed=0):
    start, goals = layout_of(scene.observation)
    random = np.random.default_rng(seed)
    return demonstrate(np.tile(start, (count, 1)), np.tile(goals, (count, 1, 1)), random)


@pytest.mark.parametrize('test', PlanarTest)
def test_a_seed_always_gives_the_same_scene_and_another_seed_another(test):
    one, same, other = make_scene(test, 3), make_scene(test, 3), make_scene(test, 4)
    assert np.array_equal(one.goal, same.goal)
    assert not np.array_equal(one.goal, other.goal)
    for first, second in zip(one.observation.scene.objects, same.observation.scene.objects,
                             strict=True):
        assert np.array_equal(first.center, second.center)


def test_demonstrations_start_at_the_start_and_end_at_every_goal_on_both_sides():
    start, goals = draw_layouts(1, np.random.default_rng(0))
    random = np.random.default_rng(1)
    paths = demonstrate(np.tile(start, (600, 1)), np.tile(goals, (600, 1, 1)), random)
    assert paths.shape == (600, HORIZON + 1, 2)
    np.testing.assert_allclose(paths[:, 0], np.tile(start, (600, 1)))
    distances = np.linalg.norm(paths[:, -1:] - goals, axis=-1)
    assert distances.min(1).max() < 0.06
    along = paths[:, -1] - paths[:, 0]
    to_middle = paths[:, HORIZON // 2] - paths[:, 0]
    left = along[:, 0] * to_middle[:, 1] - along[:, 1] * to_middle[:, 0] > 0
    modes = np.bincount(2 * distances.argmin(1) + left, minlength=6)
    assert modes.min() > 60


def test_an_obstacle_on_one_route_leaves_the_other_route_to_the_commanded_goal():
    for seed in range(30):
        scene = make_scene(PlanarTest.COMMANDED_MODE, seed)
        paths = expert(scene, 400)
        there = np.linalg.norm(paths[:, -1] - scene.goal, axis=1) < scene.tolerance
        clear = (np.linalg.norm(paths - scene.disc.center, axis=-1) > scene.disc.radius).all(1)
        assert 0.25 < there.mean() < 0.42
        assert 0.4 < clear[there].mean() < 0.65


def test_a_blocking_disc_stops_nearly_all_demonstrations_but_leaves_start_and_goal_free():
    stopped = []
    for seed in range(30):
        scene = make_scene(PlanarTest.BLOCKED, seed)
        paths = expert(scene, 300)
        there = np.linalg.norm(paths[:, -1] - scene.goal, axis=1) < scene.tolerance
        distance = np.linalg.norm(paths[there] - scene.disc.center, axis=-1)
        stopped.append((distance < BLOCKING_RADIUS).any(1).mean())
        ends = np.stack([layout_of(scene.observation)[0], scene.goal])
        assert (np.linalg.norm(ends - scene.disc.center, axis=1) > BLOCKING_RADIUS + 0.1).all()
    assert np.mean(stopped) > 0.95


def test_the_policy_does_not_see_where_a_displaced_goal_really_is():
    for seed in range(20):
        scene = make_scene(PlanarTest.DISPLACED_GOAL, seed)
        seen = scene.observation.scene[scene.observation.target].center
        assert seen[2] == HEIGHT
        assert np.linalg.norm(seen[:2] - scene.goal) == pytest.approx(DISPLACEMENT)


def test_no_demonstration_takes_a_longer_step_than_is_allowed():
    random = np.random.default_rng(5)
    paths = demonstrate(*draw_layouts(20_000, random), random)
    longest = np.linalg.norm(np.diff(paths, axis=1), axis=-1).max()
    assert 0.9 * LONGEST_STEP < longest <= LONGEST_STEP
