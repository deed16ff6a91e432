"""The least verification applies the static rules and lets no code through."""

import dataclasses

from table_scene import table_scene

from vls_core.control.fr3 import DEFAULT_WORKSPACE
from vls_core.rewards.program import Code, scene_hash
from vls_core.vlm.layout import pick_and_place
from vls_core.vlm.static_verifier import StaticVerifier

SCENE = table_scene()
PROGRAM = pick_and_place('red cube', 'plate', ('bottle',), inside=False)


def test_a_program_that_keeps_the_rules_is_accepted():
    report = StaticVerifier()(PROGRAM, SCENE)
    assert report.accepted
    assert (report.program_hash, report.scene_hash) == (PROGRAM.content_hash, scene_hash(SCENE))


def test_every_broken_rule_is_a_finding():
    report = StaticVerifier()(PROGRAM.model_copy(update={'subject': 'bottle'}), SCENE)
    assert not report.accepted
    assert 'not graspable' in report.reason


def test_the_workspace_counts():
    tiny = dataclasses.replace(DEFAULT_WORKSPACE, upper=DEFAULT_WORKSPACE.lower + 0.01)
    assert not StaticVerifier(tiny)(PROGRAM, SCENE).accepted


def test_code_is_refused_by_its_name():
    stage = PROGRAM.stages[0]
    terms = (*stage.terms, Code(name='my term', source='x', goal='plate'))
    program = PROGRAM.model_copy(update={
        'stages': (stage.model_copy(update={'terms': terms}), *PROGRAM.stages[1:])
    })
    report = StaticVerifier()(program, SCENE)
    assert not report.accepted
    assert 'my term' in report.reason
