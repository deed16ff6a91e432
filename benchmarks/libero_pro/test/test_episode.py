"""Whole episodes: the same case goes the same way, and no constant of a task is anywhere."""

from dataclasses import asdict

import numpy as np
import pytest

from benchmarks.libero_pro.arms import BASE, OURS, arm_named
from benchmarks.libero_pro.camera import SceneCamera
from benchmarks.libero_pro.episode import Episode
from benchmarks.libero_pro.policy import LiberoPolicy, checkpoint

_BEFORE_POSITIONS = 1
"""Numbers of an initial state ahead of the joint positions: the time."""


@pytest.fixture
def play(simulation):
    policy = LiberoPolicy.load(checkpoint('libero_object', 'flow'))

    def play(arm):
        camera = SceneCamera(simulation)
        outcome = asdict(Episode(simulation, camera, policy, arm_named(arm), seed=0).play(0))
        camera.close()
        return {name: value for name, value in outcome.items() if 'seconds' not in name}

    return play


def moved(simulation, by):
    """The first initial state with every thing elsewhere, by (x, y) [m]."""
    model, _ = simulation.physics
    state = np.array(simulation._states[0])
    for thing in simulation.things:
        begin = _BEFORE_POSITIONS + model.jnt_qposadr[model.body_jntadr[simulation.body(thing)]]
        state[begin:begin + 2] += by
    return state


def test_the_same_case_has_the_same_outcome_whatever_came_before(simulation, play):
    first = play(BASE)
    simulation.begin(3)
    assert play(BASE) == first


@pytest.mark.parametrize('by', [(0.05, 0.03), (-0.04, -0.05)])
def test_a_shifted_copy_of_a_task_is_done(by, simulation, play, monkeypatch):
    simulation.begin(0)
    places = np.array([simulation.place(name)[:2] for name in simulation.things])
    monkeypatch.setattr(simulation, '_states', [moved(simulation, by)])
    simulation.begin(0)
    for name, before in zip(simulation.things, places, strict=True):
        np.testing.assert_allclose(simulation.place(name)[:2], before + by, atol=0.005)
    outcome = play(OURS)
    assert outcome['success'], outcome
