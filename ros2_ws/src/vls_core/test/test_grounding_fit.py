"""Solids and their fit: distances are distances, and evidence fixes what it can fix."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from vls_core.grounding.fit import fit_solid
from vls_core.grounding.solids import Shape, Solid
from vls_core.types import InvalidValueError

SOLIDS = [
    Solid(Shape.BOX, (0.04, 0.06, 0.1)), Solid(Shape.CYLINDER, (0.06, 0.06, 0.2)),
    Solid(Shape.CYLINDER, (0.15, 0.15, 0.012)), Solid(Shape.TRAY, (0.16, 0.16, 0.015)),
]
VIEWPOINT = np.array([0.7, 0.1, 0.7])
NOTHING = np.empty((0, 3))
points = arrays.arrays(float, (20, 3), elements=st.floats(-0.2, 0.2))
places = arrays.arrays(float, (3,), elements=st.floats(-0.2, 0.2))


@pytest.mark.parametrize('solid', SOLIDS)
@settings(max_examples=20)
@given(points=points)
def test_walking_the_distance_along_the_gradient_ends_on_the_surface(solid, points):
    distance, gradient = solid.signed_distance(points)
    on_surface, _ = solid.signed_distance(points - distance[:, None] * gradient)
    outside = distance > 1e-9
    np.testing.assert_allclose(on_surface[outside], 0.0, atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(gradient[outside], axis=1), 1.0, atol=1e-6)
    in_box = (np.abs(points) < np.array(solid.size) / 2).all(axis=1)
    assert not (in_box & outside).any() or solid.shape is Shape.CYLINDER


def visible_surface(solid, generator, count=3000):
    """Points of the sides that face the viewpoint, and empty points round the solid."""
    cloud = generator.uniform(-0.75, 0.75, (20 * count, 3)) * solid.size
    distance, gradient = solid.signed_distance(cloud)
    surface = cloud - distance[:, None] * gradient
    toward = VIEWPOINT - surface
    facing = (np.einsum('nd,nd->n', gradient, toward) > 0) & (distance > 0)
    empty = cloud[distance > 0.002]
    return surface[facing][:count], empty[:count]


@pytest.mark.parametrize('solid', SOLIDS[:3])
@settings(max_examples=20)
@given(place=places, seed=st.integers(0, 99))
def test_a_solid_is_found_from_its_visible_sides(solid, place, seed):
    generator = np.random.default_rng(seed)
    seen, empty = visible_surface(solid, generator)
    noise = generator.normal(0, 0.001, seen.shape)
    fit = fit_solid(solid, seen + noise + place, empty + place, VIEWPOINT + place, 0.001)
    assert np.linalg.norm(fit.center - place) < 0.006
    assert fit.inliers > 0.95


def test_what_nothing_fixes_is_said_to_be_uncertain():
    """Of the upper side of a box alone, height is known and the place along the side is not."""
    solid = SOLIDS[0]
    generator = np.random.default_rng(1)
    seen = np.column_stack([generator.uniform(-0.005, 0.005, (200, 2)), np.full(200, 0.05)])
    deviation = np.sqrt(np.diag(fit_solid(solid, seen, NOTHING, VIEWPOINT, 0.001).covariance))
    assert deviation[2] < 0.003
    assert (deviation[:2] > 0.01).all()


def test_points_of_something_else_are_no_inliers():
    line = np.column_stack([np.linspace(-0.3, 0.3, 100), np.zeros(100), np.zeros(100)])
    assert fit_solid(SOLIDS[0], line, NOTHING, VIEWPOINT, 0.001).inliers < 0.5


@pytest.mark.parametrize(('shape', 'size'), [
    (Shape.BOX, (0, 1, 1)), (Shape.CYLINDER, (1, 2, 1)), (Shape.TRAY, (1, 1, float('nan'))),
])
def test_impossible_sizes_are_refused(shape, size):
    with pytest.raises(InvalidValueError):
        Solid(shape, size)
