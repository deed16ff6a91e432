"""How the arm follows actions: linear, invertible, and found again in what it does."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as some

from benchmarks.libero_pro.motion import Response, fit_response

RESPONSES = some.builds(Response, some.floats(0.001, 0.05), some.floats(0.0, 0.9))


@given(RESPONSES, some.integers(0, 100))
def test_actions_are_found_back_in_the_steps_they_lead_to(response, seed):
    generator = torch.Generator().manual_seed(seed)
    actions = torch.randn(2, 16, 3, generator=generator).double()
    before = 0.01 * torch.randn(3, generator=generator).double()
    found = response.actions(response.steps(actions, before), before)
    torch.testing.assert_close(found, actions)


def test_a_steady_action_leads_to_a_steady_step():
    response = Response(gain=0.005, share=0.5)
    steps = response.steps(torch.ones(1, 40, 3).double(), torch.zeros(3))
    assert steps[0, -1].tolist() == pytest.approx([0.01] * 3)
    assert steps[0, 0].tolist() == pytest.approx([0.005] * 3)


def test_an_arm_in_motion_coasts_before_it_stops():
    response = Response(gain=0.005, share=0.5)
    steps = response.steps(torch.zeros(1, 40, 3).double(), torch.tensor([0.01, 0.0, 0.0]).double())
    assert steps[0, 0].tolist() == pytest.approx([0.005, 0.0, 0.0])
    assert steps[0, :, 0].sum() == pytest.approx(0.01)


def test_the_response_of_an_arm_is_found_from_what_it_did_though_it_was_disturbed():
    random, true = np.random.default_rng(0), Response(0.006, 0.55)
    steps, asked = [], []
    for _ in range(20):
        actions = random.uniform(-1, 1, (120, 3))
        moved = np.zeros((120, 3))
        for now in range(1, 120):
            done = actions[now] + 0.25 * random.standard_normal(3)
            moved[now] = true.share * moved[now - 1] + true.gain * done
        steps.append(moved[:-1])
        asked.append(actions)
    found = fit_response(steps, asked)
    assert found.gain == pytest.approx(true.gain, rel=0.05)
    assert found.share == pytest.approx(true.share, rel=0.05)
