"""Coordinates written into a reward are found; heights over the table may be limits only."""

from __future__ import annotations

import pytest
import torch

from vls_core.rewards.verification.layouts import as_tensors, invented, rearranged
from vls_core.rewards.verification.report import Check, Verdict
from vls_core.rewards.verification.translation import translates

NAMES = ('mug', 'plate')
FIRST = as_tensors(invented(NAMES, 0))
LAYOUTS = (FIRST, rearranged(FIRST, 1))


def reach(points, trajectory):
    return -(trajectory.positions[:, 1:] - points['mug']).norm(dim=-1).mean(1)


@pytest.mark.parametrize(('judge', 'verdict'), [
    (reach, Verdict.PASSED),
    (lambda p, t: -t.positions.diff(n=2, dim=1).norm(dim=-1).mean(1), Verdict.PASSED),
    (lambda p, t: -(t.positions[:, -1] - t.positions[:, 0] - 0.1).norm(dim=-1), Verdict.PASSED),
    (lambda p, t: reach(p, t) - torch.relu(0.2 - t.positions[:, 1:, 2]).mean(1), Verdict.WARNING),
    (lambda p, t: reach(p, t) - torch.relu(t.positions[:, 1:, 2] - 0.3).mean(1), Verdict.WARNING),
    (lambda p, t: reach(p, t) - (t.positions[:, -1, 2] - 0.2).abs(), Verdict.FAILED),
    (lambda p, t: -(t.positions[:, -1] - torch.tensor([0.5, 0.1, 0.1])).norm(dim=-1),
     Verdict.FAILED),
    (lambda p, t: reach(p, t) - 0.1 * torch.relu(t.positions[:, 1:, 1]).mean(1), Verdict.FAILED),
    (lambda p, t: -(t.positions[:, -1] - 1.05 * p['mug']).norm(dim=-1), Verdict.FAILED),
    (lambda p, t: -t.positions[:, -1].norm(dim=-1), Verdict.FAILED),
])
def test_coordinates_are_found(judge, verdict):
    found = translates(judge, LAYOUTS, NAMES, 0)
    assert (found.check, found.verdict) == (Check.TRANSLATION, verdict), found.text
