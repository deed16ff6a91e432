"""Without its code a program is the same program, or it is none."""

from vls_core.rewards.program import Code, Smooth
from vls_core.vlm.layout import pick_and_place
from vls_core.vlm.vetted import vetted_only

PROGRAM = pick_and_place('red cube', 'plate', ('bottle',), inside=False)
CODE = Code(name='x', source='x', goal='plate')


def with_terms(*terms):
    first = PROGRAM.stages[1].model_copy(update={'terms': terms})
    return PROGRAM.model_copy(update={'stages': (PROGRAM.stages[0], first)})


def test_only_the_code_goes():
    assert vetted_only(with_terms(CODE, Smooth(), CODE)) == with_terms(Smooth())


def test_a_stage_of_code_alone_leaves_no_program():
    assert vetted_only(with_terms(CODE)) is None


def test_a_program_without_code_has_nothing_to_leave_out():
    assert vetted_only(PROGRAM) is None
