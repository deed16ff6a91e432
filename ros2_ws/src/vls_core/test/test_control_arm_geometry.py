"""The capsules hold the real arm without standing out far, and no pair that can touch is left."""

import itertools

import numpy as np
import pinocchio as pin
import pytest
from arm_meshes import FINGER_TRAVEL, mesh_folder, part_surface, robot

from vls_core.control import fr3
from vls_core.control.arm_geometry import (
    APART,
    ARM_CAPSULES,
    BLOAT,
    FINGERS,
    PARTS,
    SLACK,
    WATCHED_PAIRS,
    add_capsules,
    carrier,
)
from vls_core.control.kinematics import fr3_model
from vls_core.control.proximity import ProximityWatch
from vls_core.control.robot_limits import FR3, PANDA

WRIST = ('link5', 'link7')
LOWER, UPPER = np.minimum(FR3.lower, PANDA.lower), np.maximum(FR3.upper, PANDA.upper)
model = fr3_model()


def capsules_of(part, positions):
    """Starts (C, 3), ends (C, 3) and radii (C,) of a part in the base frame."""
    data, geometry = model.createData(), pin.GeometryModel()
    add_capsules(geometry, model, part)
    placed = pin.GeometryData(geometry)
    pin.updateGeometryPlacements(model, data, geometry, placed, positions)
    starts, ends, radii = [], [], []
    for entry, placement in zip(geometry.geometryObjects, placed.oMg, strict=True):
        half = np.array([0.0, 0.0, entry.geometry.halfLength])
        starts.append(placement.act(-half))
        ends.append(placement.act(half))
        radii.append(entry.geometry.radius)
    return np.array(starts), np.array(ends), np.array(radii)


def outside(points, starts, ends, radii):
    """How far points (N, 3) are outside of each capsule (N, C); negative inside."""
    along = ends - starts
    offsets = points[:, None] - starts
    share = (offsets * along).sum(2) / np.maximum((along**2).sum(1), 1e-12)
    nearest = np.clip(share, 0.0, 1.0)[..., None] * along
    return np.linalg.norm(offsets - nearest, axis=2) - radii


def surface(positions, part, visual, opening):
    mujoco = pytest.importorskip('mujoco')
    data = mujoco.MjData(robot())
    data.qpos[:7], data.qpos[7:] = positions, opening
    mujoco.mj_kinematics(robot(), data)
    return part_surface(data, part, visual)


def skin(starts, ends, radii, generator):
    """Points (N, 3) all over the union of capsules."""
    points = []
    for start, end, radius in zip(starts, ends, radii, strict=True):
        directions = generator.normal(size=(800, 3))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        share = generator.integers(0, 5, size=(800, 1)) / 4
        points.append(start + share * (end - start) + radius * directions)
    points = np.concatenate(points)
    return points[(outside(points, starts, ends, radii) > -1e-6).all(1)]


@pytest.mark.parametrize('visual', [True, False], ids=['visual', 'collision'])
@pytest.mark.parametrize('part', PARTS)
def test_the_meshes_of_a_part_are_inside_its_capsules_wherever_the_arm_is(part, visual):
    generator = np.random.default_rng(0)
    for opening in np.linspace(0.0, FINGER_TRAVEL, 4):
        positions = generator.uniform(fr3.JOINT_LOWER_LIMITS, fr3.JOINT_UPPER_LIMITS)
        points = surface(positions, part, visual, opening)
        assert len(points) > 1000
        assert outside(points, *capsules_of(part, positions)).min(1).max() < SLACK


@pytest.mark.parametrize('part', PARTS)
def test_no_capsule_stands_far_out_of_its_part(part):
    positions = fr3.HOME_JOINT_POSITIONS
    openings = np.linspace(0.0, FINGER_TRAVEL, 9) if part == FINGERS else [0.0]
    points = np.concatenate([surface(positions, part, False, each) for each in openings])
    shell = skin(*capsules_of(part, positions), np.random.default_rng(0))
    proud = [np.linalg.norm(points - point, axis=1).min() for point in shell[::4]]
    assert max(proud) < BLOAT
    assert np.mean(proud) < BLOAT / 2


@pytest.mark.parametrize('part', PARTS)
def test_no_capsule_is_thicker_than_it_has_to_be(part):
    positions = fr3.HOME_JOINT_POSITIONS
    points = np.concatenate([
        surface(positions, part, visual, opening)
        for visual in (True, False) for opening in (0.0, FINGER_TRAVEL)
    ])
    distances = outside(points, *capsules_of(part, positions))
    for index in range(distances.shape[1]):
        thinner = distances + 0.004 * (np.arange(distances.shape[1]) == index)
        assert thinner.min(1).max() > SLACK, index


def test_the_fingertips_are_not_held_back_from_the_table_by_their_capsules():
    positions = fr3.HOME_JOINT_POSITIONS
    starts, ends, radii = capsules_of(FINGERS, positions)
    lowest = (np.minimum(starts[:, 2], ends[:, 2]) - radii).min()
    assert lowest == pytest.approx(surface(positions, FINGERS, True, 0.0)[:, 2].min(), abs=1e-3)


def test_the_capsules_are_in_the_order_of_the_parts_and_there_are_few():
    assert list(dict.fromkeys(capsule.part for capsule in ARM_CAPSULES)) == list(PARTS)
    assert len(ARM_CAPSULES) <= 30


def watch(pairs):
    geometry = pin.GeometryModel()
    numbers = {part: add_capsules(geometry, model, part) for part in PARTS}
    for first, second in pairs:
        for one, other in itertools.product(numbers[first], numbers[second]):
            geometry.addCollisionPair(pin.CollisionPair(one, other))
    return ProximityWatch(model, geometry, tuple(part for part in PARTS for _ in numbers[part]))


def not_watched():
    """Pairs without a common joint that nobody watches."""
    return [
        pair for pair in itertools.combinations(PARTS, 2)
        if carrier(pair[1]) - carrier(pair[0]) > 1 and pair not in WATCHED_PAIRS
    ]


def test_parts_that_are_not_watched_stay_apart_whatever_the_joints_do():
    data, pairs = model.createData(), watch([pair for pair in not_watched() if pair != WRIST])
    for positions in np.random.default_rng(0).uniform(LOWER, UPPER, (20000, 7)):
        pin.forwardKinematics(model, data, positions)
        closest = pairs.closest(data)
        assert closest.distance > APART, closest


def test_the_surfaces_of_the_wrist_stay_apart_although_it_is_not_watched():
    coal = pytest.importorskip('coal')
    assert WRIST in not_watched()
    geometry = pin.GeometryModel()
    for part in WRIST:
        mesh = coal.MeshLoader().load(str(mesh_folder() / f'{part}_coll.stl'), np.ones(3))
        body = pin.GeometryObject(part, carrier(part), pin.SE3.Identity(), mesh)
        geometry.addGeometryObject(body)
    geometry.addCollisionPair(pin.CollisionPair(0, 1))
    pairs, data = ProximityWatch(model, geometry, WRIST), model.createData()
    for sixth, seventh in itertools.product(
        np.linspace(LOWER[5], UPPER[5], 25), np.linspace(LOWER[6], UPPER[6], 25)
    ):
        pin.forwardKinematics(model, data, np.array([0.0] * 5 + [sixth, seventh]))
        assert pairs.closest(data).distance > 0.008


@pytest.mark.parametrize('pair', WATCHED_PAIRS, ids='-'.join)
def test_a_watched_pair_is_neither_a_joint_nor_always_close(pair):
    assert carrier(pair[1]) - carrier(pair[0]) > 1
    data, pairs = model.createData(), watch([pair])
    distances = []
    for positions in np.random.default_rng(0).uniform(
        fr3.JOINT_LOWER_LIMITS, fr3.JOINT_UPPER_LIMITS, (200, 7)
    ):
        pin.forwardKinematics(model, data, positions)
        distances.append(pairs.closest(data).distance)
    assert max(distances) > 0.05
