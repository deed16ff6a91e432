import pytest

from benchmarks.steering.arms import (
    REPORTED,
    UnknownArmError,
    arm_named,
    arm_names,
    settings,
)
from benchmarks.steering.methods import compared
from vls_core.steering.errors import SteeringError


def test_base_and_ours_come_first_and_nothing_is_left_out():
    assert arm_names()[:2] == ('base', 'ours')
    assert sorted(arm_names()) == sorted(compared())


def test_one_variant_of_a_method_is_reported():
    methods = [name.split(',')[0] for name in REPORTED]
    assert len(set(methods)) == len(methods)
    left = {name.split(',')[0] for name in compared()} - set(methods)
    assert left == {'resampling only', 'as published'}


def test_only_ours_has_a_gate():
    assert [name for name in arm_names() if arm_named(name).gate is not None] == ['ours']


def test_settings_of_ours_can_be_changed():
    arm = arm_named('ours', {'rungs': [0.0, 2.0], 'trust': 1.0})
    assert arm.sampler.config.rungs == (0.0, 2.0)
    assert settings({'trust': 1.0})['trust'] == 1.0


@pytest.mark.parametrize('overrides, error', [
    ({'no_such_field': 1}, TypeError), ({'inner_steps': 0}, SteeringError)
])
def test_settings_that_make_no_sense_are_refused(overrides, error):
    with pytest.raises(error):
        arm_named('ours', overrides)


def test_an_unknown_arm_is_named_together_with_the_known_ones():
    with pytest.raises(UnknownArmError, match='nonsense.*base.*ours'):
        arm_named('nonsense')
