"""Every parameter means something, and a bad one is a sentence, not a traceback."""

import subprocess
from dataclasses import fields, replace

import pytest
from bridge_rig import bridge_command, new_namespace

from franka_bridge.bridge_parameters import BridgeParameters
from franka_bridge.following.mode import FollowMode
from vls_core.types import InvalidValueError

ONLY_THE_NODE_USES = {
    'robot_ip', 'realtime', 'connect_timeout', 'auto_arm', 'operator_timeout',
    'state_rate', 'transform_rate', 'status_rate', 'scene_obstacles',
}
OF_THE_ARM = {'mode', 'collision_torque', 'collision_force'}
OF_LOOP_AND_ARM = {'robot_type', 'reference_rate'}
OF_THE_GRIPPER = {'gripper_force', 'gripper_timeout', 'minimum_grasp_width', 'maximum_grasp_width'}
ANOTHER = {
    'robot_ip': '127.0.0.2',
    'robot_type': 'panda',
    'mode': 'cartesian_impedance',
    'cpus': (0,),
    'workspace_lower': (0.3, -0.5, 0.02),
    'workspace_upper': (0.7, 0.5, 0.6),
    'obstacles': (0.5, 0.0, 0.1, 0.1, 0.1, 0.2),
}
DEFAULT = BridgeParameters()


def another_value(item):
    """One that is allowed and not the default."""
    if item.name in ANOTHER:
        return ANOTHER[item.name]
    if isinstance(item.default, bool):
        return not item.default
    low, high = item.metadata['low'], item.metadata['high']
    return type(item.default)((low + 3 * item.default) / 4 if item.default > low else high / 2)


def settings(parameters):
    return {
        'loop': repr(parameters.loop_settings()),
        'arm': repr(parameters.arm_settings()),
        'gripper': repr(parameters.gripper_settings()),
    }


def expected_change(name):
    if name in ONLY_THE_NODE_USES:
        return set()
    if name in OF_LOOP_AND_ARM:
        return {'loop', 'arm'}
    if name in OF_THE_ARM:
        return {'arm'}
    return {'gripper'} if name in OF_THE_GRIPPER else {'loop'}


@pytest.mark.parametrize('item', fields(BridgeParameters), ids=lambda item: item.name)
def test_a_parameter_changes_the_settings_it_is_about_and_no_others(item):
    value = another_value(item)
    assert value != item.default
    before, after = settings(DEFAULT), settings(replace(DEFAULT, **{item.name: value}))
    changed = {part for part in before if before[part] != after[part]}
    assert changed == expected_change(item.name)


def test_all_that_is_said_about_parameters_is_about_parameters():
    names = {item.name for item in fields(BridgeParameters)}
    for said in (ONLY_THE_NODE_USES, OF_THE_ARM, OF_LOOP_AND_ARM, OF_THE_GRIPPER, set(ANOTHER)):
        assert names >= said


def test_values_arrive_where_they_belong():
    parameters = replace(
        DEFAULT, mode='cartesian_impedance', leash=0.11, velocity_scale=0.21, gripper_force=12.0,
        robot_type='panda', obstacles=(*ANOTHER['obstacles'], *[0.0] * 6), cpus=(1, -1, 0),
    )
    loop, arm = parameters.loop_settings(), parameters.arm_settings()
    assert arm.mode is FollowMode.CARTESIAN_IMPEDANCE
    assert arm.limits.robot_type == loop.limits.robot_type == 'panda'
    assert loop.envelope_rules.leash == 0.11
    assert loop.scales.velocity == 0.21
    assert loop.envelope_rules.speeds.general_limit == pytest.approx(0.21 * 1.7)
    assert [box.size.tolist() for box in loop.envelope_rules.collisions.obstacles] == [
        [0.1, 0.1, 0.2]
    ]
    assert loop.scheduling.cpu == (1, 0)
    assert parameters.gripper_settings().force == 12.0


def all_settings(parameters):
    parameters.loop_settings()
    parameters.arm_settings()
    parameters.gripper_settings()


@pytest.mark.parametrize(
    ('bad', 'sentence'),
    [
        ({'mode': 'fly'}, 'mode: "fly" is none of joint_impedance, joint_velocity'),
        ({'robot_type': 'ur5'}, 'robot_type: .*"ur5"; known: fr3, panda'),
        ({'obstacles': (0.5, 0.0, 0.1, 0.1, 0.1)}, 'obstacles: expected 6 numbers'),
        ({'obstacles': (0.5, 0.0, 0.1, 0.1, 0.1, -0.1)}, 'obstacle 1.*size must be positive'),
        ({'obstacles': (float('nan'), 0.0, 0.1, 0.1, 0.1, 0.1)}, 'obstacle 1.*finite'),
        ({'gripper_force': 0.0}, 'gripper_force'),
        ({'gripper_force': 71.0}, 'gripper_force'),
        ({'gripper_timeout': 0.0}, 'gripper_timeout'),
        ({'minimum_grasp_width': 0.05, 'maximum_grasp_width': 0.05}, 'minimum_grasp_width'),
        ({'workspace_lower': (0.3, 0.6, 0.02)}, 'workspace: every lower bound'),
        ({'workspace_upper': (0.3, 0.5)}, 'workspace upper: expected 3'),
        ({'workspace_lower': (0.3, 0.5, float('nan'))}, 'workspace lower: .*finite'),
        ({'people_speed': 0.0}, 'people'),
        ({'velocity_scale': 1.0}, 'scale of velocity'),
        ({'priority': 100}, 'priority must be 1 to 99'),
        ({'cpus': (0, 0)}, 'cpu must name different cores'),
    ],
    ids=str,
)
def test_a_bad_value_is_refused_with_a_sentence_that_names_it(bad, sentence):
    with pytest.raises(InvalidValueError, match=sentence):
        all_settings(replace(DEFAULT, **bad))


@pytest.mark.parametrize(
    ('bad', 'sentence'),
    [
        ({'mode': 'fly'}, 'parameters: mode: "fly" is none of'),
        ({'robot_type': 'ur5'}, 'parameters: robot_type: there are no limits for "ur5"'),
        ({'velocity_scale': 1.5}, 'velocity_scale'),
    ],
    ids=str,
)
def test_a_bridge_with_a_bad_parameter_ends_in_a_sentence_and_exit_code_1(bad, sentence):
    result = subprocess.run(
        bridge_command(new_namespace(), **bad), capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 1
    assert sentence in result.stderr
    assert 'Traceback' not in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_core_the_machine_has_not_ends_in_a_sentence_and_exit_code_1(robot):
    command = bridge_command(
        new_namespace(), robot_ip=robot.address, realtime='false', cpus='[4000]'
    )
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    assert 'cpu names [4000]' in result.stderr
    assert 'Traceback' not in result.stderr
