"""What would touch is refused and named; what is free is let through; and there is a way out."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vls_core.control import fr3
from vls_core.control.arm_geometry import ARM_CAPSULES, FINGERS, HAND, LINKS, PARTS, carrier
from vls_core.control.collisions import (
    Box,
    CollisionChecker,
    CollisionRules,
    ObstacleError,
    SelfCollisionError,
    TableError,
)
from vls_core.control.envelope import EnvelopeViolationError
from vls_core.control.kinematics import Fr3Kinematics
from vls_core.types import InvalidValueError

HOME = fr3.HOME_JOINT_POSITIONS
FOLDED = np.array([1.60, 1.71, 0.04, -2.86, -1.76, 4.31, 0.03])
ALONE = CollisionRules(table_height=None)
POST = Box('post', (0.55, 0.0, 0.2), (0.06, 0.06, 0.4))
BOXES = (POST, Box('shelf', (0.3, 0.5, 0.6), (0.8, 0.2, 0.04)))
kinematics = Fr3Kinematics()
shares = st.lists(st.floats(0.0, 1.0), min_size=7, max_size=7).map(np.array)
inside = shares.map(
    lambda share: fr3.JOINT_LOWER_LIMITS
    + share * (fr3.JOINT_UPPER_LIMITS - fr3.JOINT_LOWER_LIMITS)
)
alone, surrounded = CollisionChecker(ALONE), CollisionChecker(CollisionRules(obstacles=BOXES))


def at(x, y, z, seed=HOME):
    return kinematics.solve(np.array([x, y, z]), fr3.DOWNWARD_QUATERNION, seed)


def reaches():
    """How far any point of the arm can be from the axis of each joint (7,) [m]."""
    lengths = [np.linalg.norm(translation) for translation, _ in fr3.JOINT_PLACEMENTS]
    farthest = dict.fromkeys(range(8), 0.0)
    for capsule in ARM_CAPSULES:
        ends = max(np.linalg.norm(capsule.start), np.linalg.norm(capsule.end))
        ends += fr3.JOINT7_TO_HAND if capsule.part in (HAND, FINGERS) else 0.0
        joint = carrier(capsule.part)
        farthest[joint] = max(farthest[joint], ends + capsule.radius)
    return np.array([
        max(sum(lengths[joint:last]) + farthest[last] for last in range(joint, 8))
        for joint in range(1, 8)
    ])


def test_home_is_free_and_what_is_closest_there_has_a_name():
    checker = CollisionChecker()
    checker.check(HOME)
    closest = checker.closest(HOME)
    assert closest.distance > 0.03
    assert {closest.first, closest.second} <= {*PARTS, 'table'}


def test_a_demonstration_keeps_all_margins():
    rig_module = pytest.importorskip('vls_sim.rig')
    from vls_core.types import Observation
    from vls_sim.expert import Expert

    rig, checker = rig_module.Rig(), CollisionChecker()
    layout = rig.reset(1_000_000, 'none')
    expert = Expert(rig.robot_state().end_effector_position)
    heights = []
    for _ in range(200):
        state = rig.robot_state()
        seen = Observation(state, rig.scene(), layout.subject, layout.target)
        action = expert.act(seen)
        rig.step(action.position, action.gripper)
        checker.check(state.joint_positions)
        heights.append(state.end_effector_position[2])
    assert min(heights) < 0.03 < 0.15 < max(heights)


def test_descents_to_the_floor_of_the_workspace_are_left_to_the_workspace():
    checker = CollisionChecker()
    floor = fr3.DEFAULT_WORKSPACE.lower[2] - 0.010
    for x, y in ((0.30, 0.0), (0.45, 0.2), (0.65, -0.3)):
        checker.check(at(x, y, floor))


steps = st.lists(st.floats(-0.3, 0.3), min_size=7, max_size=7).map(np.array)


@settings(max_examples=300)
@given(inside, steps)
def test_no_distance_changes_by_more_than_the_joints_can_move_the_arm(positions, step):
    before = surrounded.closest(positions).distance
    after = surrounded.closest(positions + step).distance
    assert abs(after - before) <= reaches() @ np.abs(step) + 1e-5


@settings(max_examples=200)
@given(inside, st.floats(-2.7, 2.7))
def test_turning_on_the_spot_changes_only_what_is_close_to_the_base(positions, angle):
    turned = np.array([angle, *positions[1:]])
    checker = CollisionChecker(CollisionRules(table_height=-0.2))
    before, after = checker.closest(positions), checker.closest(turned)
    if 'link0' not in (before.first, after.first):
        assert before.distance == pytest.approx(after.distance, abs=1e-6)


def test_a_mirrored_hand_is_as_far_from_a_mirrored_obstacle():
    generator, compared = np.random.default_rng(0), 0
    for _ in range(150):
        positions = generator.uniform(fr3.JOINT_LOWER_LIMITS, fr3.JOINT_UPPER_LIMITS)
        mirrored = positions * [-1, 1, -1, 1, -1, 1, -1] + np.array([0] * 6 + [np.pi / 2])
        centre = kinematics.forward(positions)[0] + generator.uniform(-0.1, 0.1, 3)
        found = []
        for joints, place in ((positions, centre), (mirrored, centre * [1, -1, 1])):
            box = Box('box', place, np.full(3, 0.05))
            found.append(CollisionChecker(replace(ALONE, obstacles=(box,))).closest(joints))
        if all(each.first in (HAND, FINGERS) and each.second == 'box' for each in found):
            assert found[0].distance == pytest.approx(found[1].distance, abs=1e-5)
            compared += 1
    assert compared > 80


def test_links_keep_more_distance_to_the_table_than_fingers():
    checker = CollisionChecker()
    checker.check(at(0.45, 0.0, 0.010))
    with pytest.raises(TableError, match='fingers would reach 0.0.. m into table'):
        checker.check(at(0.45, 0.0, -0.005))
    low_wrist = np.array([0.0, 1.49, -0.97, -2.6, -1.53, 1.84, -1.96])
    with pytest.raises(TableError, match='link6 would be 0.01. m from table; 0.020 m are kept'):
        checker.check(low_wrist)
    CollisionChecker(CollisionRules(table_margin=0.0)).check(low_wrist)


def test_without_a_table_nothing_is_too_low():
    CollisionChecker(ALONE).check(at(0.45, 0.0, -0.1))


def test_the_base_stands_on_the_table_and_among_obstacles_as_it_pleases():
    rules = CollisionRules(obstacles=(Box('plinth', (-0.1, 0.0, -0.05), (0.4, 0.4, 0.1)),))
    CollisionChecker(rules).check(HOME)


def test_an_obstacle_in_the_way_is_refused_by_name_and_each_margin_is_kept():
    checker = CollisionChecker(replace(ALONE, obstacles=BOXES))
    with pytest.raises(ObstacleError, match='(fingers|hand) would reach 0.0.. m into post'):
        checker.check(at(0.55, 0.0, 0.40))
    clear = at(0.55, 0.0, 0.43)
    checker.check(clear)
    near = at(0.55, 0.0, 0.425)
    with pytest.raises(ObstacleError, match='from post; 0.020 m are kept'):
        checker.check(near)


def test_errors_are_violations_of_the_envelope():
    for error in (SelfCollisionError, TableError, ObstacleError):
        assert issubclass(error, EnvelopeViolationError)


def test_an_arm_that_starts_in_a_collision_may_stay_and_come_out_but_not_go_deeper():
    inside_post, deeper, out = at(0.55, 0.0, 0.38), at(0.55, 0.0, 0.36), at(0.55, 0.0, 0.44)
    checker = CollisionChecker(replace(ALONE, obstacles=(POST,)))
    checker.reset(inside_post)
    checker.check(inside_post)
    with pytest.raises(ObstacleError):
        checker.check(deeper)
    checker.check(at(0.55, 0.0, 0.40))
    with pytest.raises(ObstacleError):
        checker.check(inside_post)
    checker.check(out)
    with pytest.raises(ObstacleError):
        checker.check(at(0.55, 0.0, 0.41))


def test_creeping_deeper_is_refused_however_small_the_steps():
    checker = CollisionChecker(replace(ALONE, obstacles=(POST,)))
    checker.reset(at(0.55, 0.0, 0.38))
    checker.check(at(0.55, 0.0, 0.3795))
    with pytest.raises(ObstacleError):
        for depth in (0.0005, 0.001, 0.0015):
            checker.check(at(0.55, 0.0, 0.3795 - depth))


def test_one_kind_of_collision_is_no_excuse_for_another():
    low = at(0.55, 0.0, -0.03)
    checker = CollisionChecker()
    checker.reset(low)
    checker.check(low)
    with pytest.raises(SelfCollisionError):
        checker.check(FOLDED)
    checker.set_obstacles((POST,))
    with pytest.raises(ObstacleError):
        checker.check(low)


@settings(max_examples=100)
@given(inside, st.lists(steps, min_size=1, max_size=12))
def test_violations_never_grow_from_one_accepted_reference_to_the_next(start, walk):
    checker, positions = CollisionChecker(ALONE), start
    checker.reset(start)
    least = max(0.0, ALONE.self_margin - checker.closest(start).distance)
    for step in walk:
        candidate = positions + 0.2 * step
        violation = max(0.0, ALONE.self_margin - checker.closest(candidate).distance)
        try:
            checker.check(candidate)
        except SelfCollisionError:
            assert violation > 0.0
            continue
        assert violation <= least + 0.001 + 1e-9
        positions, least = candidate, min(least, violation)


def test_obstacles_can_be_replaced_while_another_thread_checks():
    checker, done = CollisionChecker(ALONE), threading.Event()
    blocked, unblocked = (POST,), ()
    positions, seen = at(0.55, 0.0, 0.30), []

    def replace_obstacles():
        for _ in range(100):
            checker.set_obstacles(blocked)
            checker.set_obstacles(unblocked)
        done.set()

    thread = threading.Thread(target=replace_obstacles)
    thread.start()
    while not done.is_set():
        seen.append(round(checker.closest(positions).distance, 9))
    thread.join()
    free = round(checker.closest(positions).distance, 9)
    checker.set_obstacles(blocked)
    assert set(seen) <= {free, round(checker.closest(positions).distance, 9)}
    with pytest.raises(ObstacleError):
        checker.check(positions)


@pytest.mark.parametrize('positions', [np.full(7, np.nan), np.zeros(6), np.full(7, np.inf)])
def test_what_is_not_seven_finite_numbers_is_refused(positions):
    for ask in (alone.check, alone.closest, alone.reset):
        with pytest.raises(InvalidValueError):
            ask(positions)


@pytest.mark.parametrize('wrong', [
    {'self_margin': -0.01}, {'table_margin': np.nan}, {'obstacle_margin': np.inf},
    {'finger_table_margin': np.nan}, {'table_height': np.inf},
])
def test_rules_that_make_no_sense_are_refused(wrong):
    with pytest.raises(InvalidValueError):
        CollisionRules(**wrong)


@pytest.mark.parametrize(('centre', 'size'), [
    ((0.0, 0.0), (0.1, 0.1, 0.1)), ((0.0, np.nan, 0.0), (0.1, 0.1, 0.1)),
    ((0.0, 0.0, 0.0), (0.1, 0.0, 0.1)),
])
def test_boxes_that_make_no_sense_are_refused(centre, size):
    with pytest.raises(InvalidValueError):
        Box('box', centre, size)


def test_every_part_that_moves_is_held_against_obstacles():
    generator = np.random.default_rng(0)
    touched = set()
    for _ in range(400):
        box = Box('box', generator.uniform([-0.3, -0.5, 0.2], [0.8, 0.5, 1.0]), np.full(3, 0.05))
        found = CollisionChecker(replace(ALONE, obstacles=(box,))).closest(HOME)
        if found.second == 'box':
            touched.add(found.first)
    assert touched >= {*LINKS[2:7], HAND, FINGERS}
    assert 'link0' not in touched
