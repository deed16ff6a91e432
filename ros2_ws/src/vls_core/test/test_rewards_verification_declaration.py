"""What a docstring declares is read whatever it looks like, or else explained."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vls_core.rewards.program import Code
from vls_core.rewards.verification.declaration import (
    Declaration,
    DeclarationError,
    declaration_of,
    read_declaration,
)
from vls_core.rewards.verification.goal import Goal

ABOVE = Goal('red cube.top', (0.0, 0.0, 0.1))


@pytest.mark.parametrize('text', [
    'goal: red cube.top + (0, 0, 0.1)',
    'Reach it.\n\n    Goal:red cube.top+(0,0,0.1)   \n',
    '  - `goal`: `red cube.top` + (0.0, 0.0, 0.10)',
    'GOAL = "red cube.top" + [0, 0, .1].',
    "* goal: 'red cube.top' - (0, 0, -0.1)",
    'goal: red cube.top + (0, 0, 0.1)\ngoal: red cube.top + (0, 0, 0.1)',
])
def test_goals_are_read(text):
    assert read_declaration(text) == Declaration(ABOVE)


@given(st.tuples(*[st.integers(-99, 99).map(lambda value: value / 100)] * 3))
def test_offsets_are_read_as_they_are_written(offset):
    goal = Goal('mug.handle', offset)
    written = str(goal).replace('"', '')
    assert read_declaration(f'goal: {written}').goal == Goal(
        'mug.handle', tuple(value + 0.0 for value in offset)
    )


def test_obstacles_are_read_beside_goals():
    text = 'Carry it.\n goal: plate\n obstacle: tall bottle\n'
    assert read_declaration(text) == Declaration(Goal('plate'), 'tall bottle')
    assert read_declaration(text).names == ('plate', 'tall bottle')


@pytest.mark.parametrize('text', [
    '', 'The goal is to reach the mug.', 'goal: none', 'obstacle: None\ngoal: -',
])
def test_no_declaration_is_no_mistake(text):
    assert read_declaration(text).empty


@pytest.mark.parametrize('text', [
    'goal: mug + (0, 0)', 'goal: mug + (a, b, c)', 'goal: mug + 0.1', 'goal: (0.5, 0.1, 0.2)',
    'goal: mug + (0, 0, 5)', 'goal: mug + (0, 0, nan)', 'goal: mug\ngoal: plate',
    'obstacle: a\nobstacle: b',
])
def test_what_is_not_understood_is_said(text):
    with pytest.raises(DeclarationError, match=r'goal|obstacle'):
        read_declaration(text)


@given(st.text(max_size=200))
def test_any_text_is_read_or_explained(text):
    try:
        read_declaration(text)
    except DeclarationError as error:
        assert str(error)


def test_fields_of_a_program_say_the_same():
    term = Code(name='x', source='y', goal='red cube.top', goal_offset=(0, 0, 0.1),
                obstacle='bottle')
    assert declaration_of(term) == Declaration(ABOVE, 'bottle')
    assert declaration_of(Code(name='x', source='y')).empty
