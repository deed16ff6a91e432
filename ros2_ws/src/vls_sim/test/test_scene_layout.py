"""Layouts are deterministic, free of collisions, on the table, and shifted as far as promised."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vls_core.types import ObjectKind
from vls_sim.scene_catalogue import CATALOGUE, CUBES, PLATE, TABLE_X, TABLE_Y, item_named
from vls_sim.scene_layout import (
    JITTER,
    MOVED_OBJECT_DISTANCE,
    MOVED_TARGET_DISTANCE,
    OBSTACLE_LATERAL_OFFSET,
    OBSTACLE_WAY_FRACTION,
    Shift,
    UnknownShiftError,
    lay_out,
)

SEEDS = st.integers(0, 2**32 - 1)
SHIFTS = st.sampled_from(list(Shift))
LARGEST_JITTER = JITTER * np.sqrt(2) + 1e-9


def displacement(layout, name):
    """Horizontal distance of an object from its usual place [m]."""
    return np.hypot(*(layout.positions[name][:2] - item_named(name).nominal))


@given(SEEDS, SHIFTS)
def test_the_same_seed_and_shift_give_the_same_layout(seed, shift):
    first, second = lay_out(seed, shift), lay_out(seed, shift)
    assert (first.subject, first.instruction) == (second.subject, second.instruction)
    for name, position in first.positions.items():
        np.testing.assert_array_equal(position, second.positions[name])


@given(SEEDS, SHIFTS)
def test_no_two_objects_overlap(seed, shift):
    positions = lay_out(seed, shift).positions
    for one, other in itertools.combinations(CATALOGUE, 2):
        distance = np.hypot(*(positions[one.name] - positions[other.name])[:2])
        assert distance > one.radius + other.radius


@given(SEEDS, SHIFTS)
def test_everything_stands_on_the_table(seed, shift):
    for item in CATALOGUE:
        x, y, z = lay_out(seed, shift).positions[item.name]
        assert TABLE_X[0] + item.radius < x < TABLE_X[1] - item.radius
        assert TABLE_Y[0] + item.radius < y < TABLE_Y[1] - item.radius
        assert z == item.extent[2] / 2


@given(SEEDS, SHIFTS)
def test_only_what_the_shift_names_leaves_its_place(seed, shift):
    layout = lay_out(seed, shift)
    moved = {
        Shift.MOVED_OBJECT: {layout.subject},
        Shift.MOVED_TARGET: {'plate'},
        Shift.OBSTACLE: {'bottle'},
    }.get(shift, set())
    for item in CATALOGUE:
        assert item.name in moved or displacement(layout, item.name) <= LARGEST_JITTER


@given(SEEDS)
def test_moved_things_move_by_the_promised_distance(seed):
    for shift, (low, high) in (
        (Shift.MOVED_OBJECT, MOVED_OBJECT_DISTANCE),
        (Shift.MOVED_TARGET, MOVED_TARGET_DISTANCE),
    ):
        layout = lay_out(seed, shift)
        moved = layout.subject if shift is Shift.MOVED_OBJECT else layout.target
        assert low - LARGEST_JITTER <= displacement(layout, moved) <= high + LARGEST_JITTER


@given(SEEDS)
def test_the_bottle_stands_on_the_way_to_the_plate(seed):
    layout = lay_out(seed, Shift.OBSTACLE)
    start, end, bottle = (
        layout.positions[name][:2] for name in (layout.subject, 'plate', 'bottle')
    )
    length = np.hypot(*(end - start))
    along = (bottle - start) @ (end - start) / length**2
    across = np.cross([*(end - start), 0], [*(bottle - start), 0])[2] / length
    assert OBSTACLE_WAY_FRACTION[0] - 1e-9 <= along <= OBSTACLE_WAY_FRACTION[1] + 1e-9
    assert abs(across) <= OBSTACLE_LATERAL_OFFSET + 1e-9
    assert layout.subject in ('red cube', 'blue cube')


@given(SEEDS)
def test_other_target_differs_by_the_instruction_alone(seed):
    usual, other = lay_out(seed, Shift.NONE), lay_out(seed, Shift.OTHER_TARGET)
    assert (usual.target, other.target) == ('plate', 'tray')
    for name, position in usual.positions.items():
        np.testing.assert_array_equal(position, other.positions[name])


@given(SEEDS, SHIFTS)
def test_the_instruction_names_subject_and_target(seed, shift):
    layout = lay_out(seed, shift)
    assert layout.instruction.startswith(f'put the {layout.subject} ')
    assert f'the {layout.target}' in layout.instruction
    assert ('stay clear of the bottle' in layout.instruction) == (shift is Shift.OBSTACLE)


def test_every_cube_is_instructed_for_some_seed():
    subjects = {lay_out(seed, Shift.NONE).subject for seed in range(60)}
    assert subjects == {item.name for item in CUBES}


def test_an_unknown_shift_is_refused_with_the_known_ones():
    with pytest.raises(UnknownShiftError, match='moved_target'):
        lay_out(0, 'moved_plate')


def test_a_negative_seed_is_refused():
    with pytest.raises(ValueError, match='negative'):
        lay_out(-1, 'none')


def test_the_plate_is_round_and_the_tray_square():
    tray = item_named('tray')
    assert not PLATE.supports(np.array([0.06, 0.06]))
    assert tray.supports(np.array([0.07, 0.07]))
    assert tray.kind is PLATE.kind is ObjectKind.SURFACE
