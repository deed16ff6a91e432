"""Reward programs to messages and back."""

import pytest

from vls_core.rewards.labels import term_labels
from vls_core.rewards.program import (
    Avoid,
    Code,
    Displaced,
    HoldGripper,
    Lifted,
    Reach,
    ReachPoint,
    RewardProgram,
    SoftChoice,
    Stage,
)
from vls_core.types import InvalidValueError
from vls_ros.programs import program_from_message, program_to_message

PROGRAM = RewardProgram(subject='cube', stages=(
    Stage(
        name='go behind',
        terms=(
            Reach(object='cube', height=0.1), Reach(object='cube', weight=2.0),
            ReachPoint(keypoint='cube.top'), SoftChoice(keypoints=('cube', 'plate')),
            HoldGripper(state='closed'), Avoid(object='bottle'),
            Code(name='stay low', source='def f(keypoints, trajectory): ...', goal='cube'),
        ),
        completion=(Lifted(height=0.2),),
    ),
    Stage(name='push', terms=(Reach(object='cube'),),
          completion=(Displaced(object='cube', direction=(1, 0, 0), sideways=0.03),)),
))


def test_a_program_survives_the_way_through_a_message():
    assert program_from_message(program_to_message(PROGRAM)) == PROGRAM


def test_terms_are_called_in_messages_what_they_are_called_everywhere():
    for stage, message in zip(PROGRAM.stages, program_to_message(PROGRAM).stages, strict=True):
        assert tuple(term.name for term in message.terms) == term_labels(stage)


def test_a_message_that_was_changed_is_refused():
    message = program_to_message(PROGRAM)
    message.stages[0].terms[0].weight = 3.0
    with pytest.raises(InvalidValueError, match='content hash'):
        program_from_message(message)


def test_a_message_that_is_no_program_is_refused():
    message = program_to_message(PROGRAM)
    message.stages[1].completion = '[{"kind": "happy"}]'
    with pytest.raises(InvalidValueError, match='not a reward program'):
        program_from_message(message)


def test_arguments_do_not_override_kind_and_weight():
    message = program_to_message(PROGRAM)
    term = message.stages[0].terms[1]
    term.arguments = term.arguments[:-1] + ', "weight": 9.0, "kind": "avoid"}'
    assert program_from_message(message) == PROGRAM
