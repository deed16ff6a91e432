"""A sampled field is the distance it was made from, to about a cell, and safe to leave."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vls_core.rewards.esdf import EsdfGrid, esdf_from_occupancy, esdf_from_points
from vls_core.rewards.signed_distance import Box, SignedDistance, Union
from vls_core.types import InvalidValueError

SPACING = 0.02
LOWER, UPPER = np.array([0.2, -0.4, 0.0]), np.array([0.8, 0.4, 0.5])
BOX = Box((0.5, 0.1, 0.14), (0.12, 0.2, 0.24))


def cell_centers(lower=LOWER, upper=UPPER, spacing=SPACING):
    axes = [torch.arange(low + spacing / 2, high, spacing, dtype=torch.float64)
            for low, high in zip(lower, upper, strict=True)]
    return torch.stack(torch.meshgrid(*axes, indexing='ij'), -1)


def field_of(shape: SignedDistance, shift=0.0) -> EsdfGrid:
    return esdf_from_occupancy(shape(cell_centers()) < 0, LOWER + SPACING / 2 + shift, SPACING)


FIELD = field_of(BOX)


def points_in(lower, upper, seed, count=500):
    generator = torch.Generator().manual_seed(seed)
    unit = torch.rand(count, 3, generator=generator, dtype=torch.float64)
    return torch.tensor(lower) + unit * torch.tensor(upper - lower)


def test_the_field_of_a_box_is_its_distance_to_about_a_cell():
    points = points_in(LOWER + SPACING, UPPER - SPACING, 0, 3000)
    error = (FIELD(points) - BOX(points)).abs()
    assert error.max() < 1.0 * SPACING and error.mean() < 0.3 * SPACING


def test_distances_to_cells_are_exact():
    occupied = torch.rand(9, 7, 5, generator=torch.Generator().manual_seed(0)) < 0.03
    field = esdf_from_occupancy(occupied, np.zeros(3), 1.0)
    every = torch.cartesian_prod(*(torch.arange(float(length)) for length in occupied.shape))
    nearest = torch.cdist(every, every[occupied.flatten()]).amin(1) - 0.5
    free = ~occupied.flatten()
    torch.testing.assert_close(field.distances.flatten()[free], nearest[free])
    assert (field.distances[occupied] == -0.5).all()


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_it_hardly_changes_faster_than_one_moves_inside_and_outside(seed):
    first = points_in(LOWER - 0.5, UPPER + 0.5, seed, 100)
    step = 0.05 * torch.randn(100, 3, generator=torch.Generator().manual_seed(seed)).double()
    change = (FIELD(first) - FIELD(first + step)).abs()
    assert (change <= 1.2 * step.norm(dim=-1) + 1e-6).all()


def test_outside_it_is_at_most_the_true_distance_and_the_gradient_leads_away():
    points = points_in(LOWER - 1.0, UPPER + 1.0, 1, 3000)
    outside = ((points < torch.tensor(LOWER)) | (points > torch.tensor(UPPER))).any(-1)
    points = points[outside].requires_grad_(True)
    distance = FIELD(points)
    assert (distance <= BOX(points) + SPACING).all()
    (gradient,) = torch.autograd.grad(distance.sum(), points)
    beyond = points - points.detach().clamp(torch.tensor(LOWER), torch.tensor(UPPER))
    assert torch.isfinite(gradient).all()
    assert ((gradient * beyond).sum(-1) > 0).all()
    assert gradient.norm(dim=-1).mean() > 0.8


def test_an_obstacle_that_reaches_the_border_is_still_left_behind_outside():
    field = field_of(Box((0.2, 0.0, 0.25), (0.2, 0.4, 0.3)))
    away = torch.tensor([[0.2 - gap, 0.0, 0.25] for gap in (0.0, 0.1, 0.3, 0.6)]).double()
    values = field(away)
    assert (values.diff() > 0).all() and values[-1] > 0.3


def test_gradients_have_length_about_one_away_from_edges_and_the_middle():
    points = points_in(LOWER + 0.02, UPPER - 0.02, 2, 3000).requires_grad_(True)
    (gradient,) = torch.autograd.grad(FIELD(points).sum(), points)
    length = gradient.norm(dim=-1)
    assert 0.9 < length.median() < 1.05 and length.quantile(0.1) > 0.8 and length.max() < 1.3


@settings(max_examples=20)
@given(shift=st.tuples(*3 * [st.floats(-1.0, 1.0)]))
def test_moving_the_grid_and_the_points_together_changes_nothing(shift):
    points = points_in(LOWER - 0.3, UPPER + 0.3, 3)
    moved = field_of(BOX, np.array(shift))
    torch.testing.assert_close(moved(points + torch.tensor(shift)), FIELD(points))


@pytest.mark.parametrize('batch', [(), (0,), (2, 3, 4)])
def test_shape_and_dtype_are_those_of_the_points(batch):
    distances = FIELD(torch.zeros(*batch, 3, dtype=torch.float32))
    assert distances.shape == batch and distances.dtype == torch.float32


def test_points_on_the_surface_of_a_box_give_its_distance_outside():
    points = points_in(LOWER, UPPER, 4, 60_000)
    shell = points[BOX(points).abs() < 0.004].numpy()
    field = esdf_from_points(shell, LOWER, UPPER, SPACING)
    free = points[BOX(points) > SPACING]
    error = field(free) - BOX(free)
    # Mostly too near: a cell is occupied as a whole.
    assert error.max() < 0.75 * SPACING and error.min() > -2.0 * SPACING


def test_points_outside_the_grid_are_left_out():
    field = esdf_from_points(np.array([[5.0, 0.0, 0.0]]), LOWER, UPPER, SPACING)
    assert (field.distances > 0.9).all()


def test_it_joins_a_union():
    points = points_in(LOWER, UPPER, 5)
    other = Box((0.3, -0.3, 0.1), (0.1, 0.1, 0.2))
    torch.testing.assert_close(
        Union((FIELD, other))(points), torch.minimum(FIELD(points), other(points))
    )


def test_nonsense_is_refused():
    good = torch.zeros(2, 2, 2)
    for distances, origin, spacing, word in (
        (torch.zeros(2, 2), np.zeros(3), 0.1, 'expected'),
        (torch.zeros(2, 1, 2), np.zeros(3), 0.1, 'at least 2'),
        (good / 0.0, np.zeros(3), 0.1, 'finite'),
        (good, np.zeros(2), 0.1, 'origin'),
        (good, np.zeros(3), 0.0, 'spacing'),
    ):
        with pytest.raises(InvalidValueError, match=word):
            EsdfGrid(distances, origin, spacing)
    with pytest.raises(InvalidValueError, match='bool'):
        esdf_from_occupancy(good, np.zeros(3), 0.1)
    with pytest.raises(InvalidValueError, match='lower'):
        esdf_from_points(np.zeros((1, 3)), UPPER, LOWER, 0.1)
