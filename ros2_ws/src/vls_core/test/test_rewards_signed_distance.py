"""Properties every signed distance has, and the values of each shape."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from table_scene import table_scene

from vls_core.rewards.signed_distance import Box, Cylinder, Union, scene_distance
from vls_core.types import UnknownObjectError

BOX = Box((0.4, 0.1, 0.2), (0.2, 0.3, 0.4))
CYLINDER = Cylinder((0.5, -0.2, 0.1), 0.06, 0.2)
BOTH = Union((BOX, CYLINDER))
every_shape = pytest.mark.parametrize('shape', [BOX, CYLINDER, BOTH],
                                      ids=['box', 'cylinder', 'union'])


def points_around(seed, *shape):
    generator = torch.Generator().manual_seed(seed)
    unit = torch.rand(*shape, 3, generator=generator, dtype=torch.float64)
    return torch.tensor([0.45, 0.0, 0.2]) + (unit - 0.5)


@every_shape
@settings(max_examples=50)
@given(seed=st.integers(0, 10_000))
def test_no_distance_changes_faster_than_one_moves(shape, seed):
    first, second = points_around(seed, 2, 50)
    moved = (first - second).norm(dim=-1)
    assert ((shape(first) - shape(second)).abs() <= moved + 1e-5).all()


@every_shape
def test_gradients_have_length_one_almost_everywhere(shape):
    points = points_around(0, 2000).requires_grad_(True)
    (gradient,) = torch.autograd.grad(shape(points).sum(), points)
    length = gradient.norm(dim=-1)
    assert torch.isfinite(gradient).all()
    assert (length - 1).abs().quantile(0.99) < 1e-3


@every_shape
@settings(max_examples=50)
@given(seed=st.integers(0, 10_000))
def test_a_step_of_the_distance_along_the_gradient_reaches_the_surface(shape, seed):
    points = points_around(seed, 50).requires_grad_(True)
    distance = shape(points)
    (gradient,) = torch.autograd.grad(distance.sum(), points)
    outside = distance.detach() > 1e-3
    surface = (points - distance.unsqueeze(-1) * gradient)[outside].detach()
    torch.testing.assert_close(shape(surface), torch.zeros(len(surface)).double(),
                               atol=1e-4, rtol=0.0)


@every_shape
@pytest.mark.parametrize('batch', [(), (3,), (2, 0), (2, 3, 4)])
def test_shape_and_dtype_are_those_of_the_points(shape, batch):
    distances = shape(torch.zeros(*batch, 3, dtype=torch.float32))
    assert distances.shape == batch and distances.dtype == torch.float32


def test_a_box_is_negative_inside_by_the_way_out():
    inside = torch.tensor([[0.4, 0.1, 0.2], [0.49, 0.1, 0.2], [0.4, 0.1, 0.39]]).double()
    expected = torch.tensor([-0.1, -0.01, -0.01]).double()
    torch.testing.assert_close(BOX(inside), expected, atol=2e-6, rtol=0.0)


@pytest.mark.parametrize(('offset', 'expected'), [
    ((0.0, 0.0, 0.0), -0.06),
    ((0.05, 0.0, 0.0), -0.01),
    ((0.0, 0.0, 0.09), -0.01),
    ((0.0, -0.10, 0.05), 0.04),
    ((0.0, 0.0, -0.15), 0.05),
    ((0.06 + 0.03, 0.0, 0.1 + 0.04), 0.05),
])
def test_a_cylinder_measures_to_its_side_its_ends_and_its_rim(offset, expected):
    point = torch.tensor(CYLINDER.center).double() + torch.tensor(offset).double()
    assert float(CYLINDER(point)) == pytest.approx(expected, abs=1e-5)


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), shift=st.tuples(*3 * [st.floats(-0.5, 0.5)]))
def test_moving_a_shape_and_the_points_together_changes_nothing(seed, shift):
    points = points_around(seed, 20)
    shift = np.array(shift)
    moved = Union((Box(np.array(BOX.center) + shift, BOX.extent),
                   Cylinder(np.array(CYLINDER.center) + shift, 0.06, 0.2)))
    torch.testing.assert_close(moved(points + torch.tensor(shift)), BOTH(points))


def test_a_union_is_as_near_as_its_nearest_part():
    points = points_around(1, 100)
    torch.testing.assert_close(BOTH(points), torch.minimum(BOX(points), CYLINDER(points)))


def test_nothing_is_infinitely_far_away():
    assert (Union(())(points_around(2, 4)) == math.inf).all()


def test_objects_of_the_scene_are_found_by_name():
    scene = table_scene()
    bottle = torch.tensor(scene['bottle'].center)
    distance = scene_distance(scene, ('bottle', 'tray'))
    assert float(distance(bottle)) == pytest.approx(-0.03, abs=1e-5)
    assert float(distance(torch.tensor(scene['red cube'].center))) > 0.1
    with pytest.raises(UnknownObjectError, match='vase'):
        scene_distance(scene, ('vase',))
