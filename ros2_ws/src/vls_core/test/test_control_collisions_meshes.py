"""What MuJoCo finds in the manufacturer's meshes, the capsules find as well."""

from functools import cache

import numpy as np
import pytest
from arm_meshes import FINGER_TRAVEL, part_of_body, sliced_robot

from vls_core.control import fr3
from vls_core.control.arm_geometry import PARTS, carrier
from vls_core.control.collisions import CollisionChecker, CollisionRules, SelfCollisionError

ALONE = CollisionRules(table_height=None)


@pytest.mark.parametrize(('positions', 'parts'), [
    ((1.60, 1.71, 0.04, -2.86, -1.76, 4.31, 0.03), ('link0', 'link6')),
    ((-2.39, 1.61, 0.50, -2.61, 2.50, 4.41, 1.18), ('link0', 'hand')),
    ((-1.06, 1.36, 0.20, -2.99, 2.38, 0.98, -0.06), ('link0', 'link5')),
    ((-1.58, -1.29, 2.81, -3.03, -0.75, 0.78, 0.84), ('link1', 'link5')),
    ((-1.05, 0.17, -0.69, -2.99, 0.14, 1.06, -0.11), ('link1', 'hand')),
    ((-0.19, -1.32, 2.61, -3.04, 2.69, 4.39, 0.67), ('link2', 'hand')),
])
def test_an_arm_folded_into_itself_is_refused_and_the_parts_are_named(positions, parts):
    with pytest.raises(SelfCollisionError, match=f'{parts[0]}|{parts[1]}'):
        CollisionChecker(ALONE).check(np.array(positions))
    assert deepest_contact(np.array(positions), 0.0)[1] == parts


@cache
def mujoco_data():
    mujoco = pytest.importorskip('mujoco')
    return mujoco.MjData(sliced_robot())


def deepest_contact(positions, opening):
    """Depth [m] and parts of the deepest contact of parts without a common joint, by MuJoCo."""
    mujoco = pytest.importorskip('mujoco')
    model, data = sliced_robot(), mujoco_data()
    parts, deepest = part_of_body(model), (0.0, None)
    data.qpos[:7], data.qpos[7:] = positions, opening
    mujoco.mj_fwdPosition(model, data)
    for contact in data.contact:
        pair = sorted((parts[model.geom_bodyid[geom]] for geom in contact.geom), key=PARTS.index)
        if carrier(pair[1]) - carrier(pair[0]) > 1 and -contact.dist > deepest[0]:
            deepest = (-float(contact.dist), tuple(pair))
    return deepest


def test_no_configuration_that_mujoco_finds_in_penetration_is_called_free():
    checker, generator = CollisionChecker(ALONE), np.random.default_rng(0)
    counts = {'touching': 0, 'deep': 0, 'too careful': 0, 'free': 0}
    for _ in range(4000):
        positions = generator.uniform(fr3.JOINT_LOWER_LIMITS, fr3.JOINT_UPPER_LIMITS)
        depth, pair = deepest_contact(positions, generator.uniform(0.0, FINGER_TRAVEL))
        refused = checker.closest(positions).distance < ALONE.self_margin
        if depth > 0.005:
            counts['deep'] += 1
            assert refused, (pair, depth, positions)
        elif depth > 0.0:
            counts['touching'] += 1
        else:
            counts['too careful' if refused else 'free'] += 1
    assert counts['deep'] > 80
    assert counts['too careful'] < 0.025 * counts['free'], counts
