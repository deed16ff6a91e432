"""A centimetre is worth about a centimetre."""

from __future__ import annotations

import pytest
import torch

from vls_core.rewards.verification import samples as motions
from vls_core.rewards.verification.gradient import differentiate
from vls_core.rewards.verification.layouts import as_tensors
from vls_core.rewards.verification.report import Check, Verdict
from vls_core.rewards.verification.scale import scale

GOAL = torch.tensor([0.5, 0.1, 0.1])
SAMPLES = motions.motions(as_tensors({'mug': GOAL.tolist()}), 0)


def reach(trajectory):
    return -(trajectory.positions[:, 1:] - GOAL).norm(dim=-1).mean(1)


def measured(reward, unit=1.0):
    return scale(reward, SAMPLES, differentiate(reward, SAMPLES), 0, unit)


def test_a_distance_changes_by_a_metre_a_metre():
    found = measured(reach)
    assert found.outcome.verdict is Verdict.PASSED
    assert 0.7 < found.per_metre < 1.0


@pytest.mark.parametrize(('factor', 'verdict'), [
    (1e6, Verdict.FAILED), (200, Verdict.FAILED), (50, Verdict.PASSED),
    (0.05, Verdict.PASSED), (1e-3, Verdict.FAILED), (1e-6, Verdict.FAILED),
])
def test_a_hundred_times_more_or_less_is_allowed(factor, verdict):
    found = measured(lambda trajectory: factor * reach(trajectory))
    assert (found.outcome.check, found.outcome.verdict) == (Check.SCALE, verdict)
    assert found.per_metre == pytest.approx(factor * measured(reach).per_metre, rel=1e-3)


def test_the_unit_divides():
    assert measured(lambda trajectory: 1e3 * reach(trajectory), 1e3).outcome.verdict is (
        Verdict.PASSED
    )


def test_what_does_not_depend_on_the_place_is_measured_by_shape():
    def smooth(trajectory):
        return -trajectory.positions.diff(n=2, dim=1).norm(dim=-1).mean(1)

    assert measured(smooth).outcome.verdict is Verdict.PASSED
    assert measured(lambda trajectory: -trajectory.gripper[:, 1:].mean(1)).outcome.verdict is (
        Verdict.PASSED
    )
    assert measured(lambda trajectory: -1e6 * trajectory.gripper[:, -1]).outcome.verdict is (
        Verdict.FAILED
    )


def test_cliffs_are_refused():
    def cliff(trajectory):
        distance = (trajectory.positions[:, -1] - GOAL).norm(dim=-1)
        return -0.1 * distance - torch.exp(25.0 * (distance - 0.4)).clamp_max(1e9)

    found = measured(cliff)
    assert found.outcome.verdict is Verdict.FAILED
    assert 'steep' in found.outcome.text or 'too much' in found.outcome.text
