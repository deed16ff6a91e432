"""No more force is ever asked for than the hand can exert for any length of time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franka_bridge.gripper_settings import (
    CONTINUOUS_FORCE,
    AnswerTimeoutError,
    ExcessiveForceError,
    GripperSettings,
)
from vls_core.types import InvalidValueError

OUT_OF_RANGE = (
    st.floats(max_value=0.0) | st.floats(min_value=CONTINUOUS_FORCE, exclude_min=True)
    | st.just(float('nan'))
)


@given(OUT_OF_RANGE)
def test_a_force_out_of_range_is_refused_by_name(force):
    with pytest.raises(ExcessiveForceError, match='gripper_force'):
        GripperSettings(force=force)
    with pytest.raises(ExcessiveForceError, match='maximum_force'):
        GripperSettings(maximum_force=force)


@given(st.floats(0.0, CONTINUOUS_FORCE, exclude_min=True))
def test_a_force_within_the_range_is_taken(force):
    assert GripperSettings(force=force).force == force


def test_a_lower_maximum_counts():
    GripperSettings(force=20.0, maximum_force=20.0)
    with pytest.raises(ExcessiveForceError, match='at most 20 N, got 30 N'):
        GripperSettings(force=30.0, maximum_force=20.0)


@pytest.mark.parametrize('timeout', [0.0, -1.0, float('inf'), float('nan')])
def test_every_wait_has_a_bound(timeout):
    with pytest.raises(AnswerTimeoutError):
        GripperSettings(answer_timeout=timeout)


def test_both_are_invalid_values():
    assert issubclass(ExcessiveForceError, InvalidValueError)
    assert issubclass(AnswerTimeoutError, InvalidValueError)
