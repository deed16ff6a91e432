import numpy as np
import pytest
from planar_plans import plans

from benchmarks.steering.planar import HORIZON, PlanarTest, demonstrate, layout_of, make_scene
from benchmarks.steering.planar_judge import Judge
from benchmarks.steering.planar_reward import PlanarReward


def expert(scene, count, seed):
    start, goals = layout_of(scene.observation)
    random = np.random.default_rng(seed)
    return demonstrate(np.tile(start, (count, 1)), np.tile(goals, (count, 1, 1)), random)


def test_an_expert_succeeds_where_the_commanded_route_is_the_one_it_takes():
    for seed in range(5):
        scene = make_scene(PlanarTest.COMMANDED_MODE, seed)
        judge, paths = Judge(scene), expert(scene, 60, seed)
        there = np.linalg.norm(paths[:, -1] - scene.goal, axis=1) < scene.tolerance
        near = np.linalg.norm(paths - scene.disc.center, axis=-1).min(1) < scene.disc.radius
        verdicts = [judge(plans([path])).success for path in paths]
        assert sum(verdicts) > 3
        assert all(there[verdicts])
        assert not near[verdicts].any()


def test_demonstrations_that_the_judge_has_not_seen_deviate_and_jerk_as_much_as_usual():
    verdicts = []
    for seed in range(10):
        scene = make_scene(PlanarTest.DISPLACED_GOAL, seed)
        judge = Judge(scene)
        verdicts += [judge(plans([path])) for path in expert(scene, 20, seed)]
    assert np.mean([verdict.deviation for verdict in verdicts]) == pytest.approx(1.0, abs=0.1)
    assert np.mean([verdict.jerk for verdict in verdicts]) == pytest.approx(1.0, abs=0.1)


def test_noise_on_a_demonstration_shows_in_deviation_and_jerk():
    scene = make_scene(PlanarTest.DISPLACED_GOAL, 0)
    judge, path = Judge(scene), expert(scene, 1, 0)[0]
    noisy = path + np.random.default_rng(0).normal(0, 0.05, path.shape)
    plain, rough = judge(plans([path])), judge(plans([noisy]))
    assert rough.deviation > 2 * plain.deviation
    assert rough.jerk > 5 * plain.jerk


@pytest.mark.parametrize('test', [PlanarTest.COMMANDED_MODE, PlanarTest.BLOCKED])
def test_the_judge_is_stricter_than_the_hard_check(test):
    succeeded = passed = 0
    for seed in range(20):
        scene = make_scene(test, seed)
        judge, reward = Judge(scene), PlanarReward.of(scene)
        for path in expert(scene, 30, seed):
            success, passes = judge(plans([path])).success, bool(reward.passes(plans([path])))
            assert passes or not success
            succeeded, passed = succeeded + success, passed + passes
    assert succeeded < 0.5 * passed


@pytest.mark.parametrize(('past', 'success'), [(0.99, True), (1.01, False)])
def test_the_tolerance_decides(past, success):
    scene = make_scene(PlanarTest.DISPLACED_GOAL, 1)
    end = scene.goal + [past * scene.tolerance, 0.0]
    start, _ = layout_of(scene.observation)
    path = start + np.linspace(0, 1, HORIZON + 1)[:, None] * (end - start)
    assert Judge(scene)(plans([path])).success is success
