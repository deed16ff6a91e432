"""A scene is made up for what a program names, of kinds that suit what it does with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from vls_core.rewards.check import check_program
from vls_core.rewards.keypoints import positions
from vls_core.rewards.program import (
    Avoid,
    Code,
    Elapsed,
    Grasp,
    Place,
    ReachPoint,
    RewardProgram,
    Stage,
)
from vls_core.rewards.program_file import read_program_file
from vls_core.rewards.verification.scenery import scene_for, scene_of_places
from vls_core.types import ObjectKind

GOOD = Path(__file__).parent / 'programs' / 'good'


def program(*terms, **changes):
    stage = Stage(name='go', terms=terms, completion=(Elapsed(),))
    return RewardProgram(**{'subject': 'cup', 'stages': (stage,), **changes})


def test_use_tells_the_kind():
    scene = scene_for(program(
        Grasp(object='cup'), Place(object='shelf', subject='cup'), Avoid(object='lamp'),
        Code(name='x', source='y', obstacle='fan.top'), target='shelf',
    ))
    kinds = {item.name: item.kind for item in scene.objects}
    assert kinds == {
        'cup': ObjectKind.GRASPABLE, 'shelf': ObjectKind.SURFACE, 'lamp': ObjectKind.OBSTACLE,
        'fan': ObjectKind.OBSTACLE,
    }


def test_keypoints_and_names_in_code_are_there():
    source = '''
def f(keypoints, trajectory):
    return -torch.norm(trajectory[:, -1] - keypoints["jar.lid"], dim=-1)
'''
    scene = scene_for(program(
        ReachPoint(keypoint='cup.handle'), Code(name='x', source=source, goal='jar.lid'),
    ))
    assert {'cup.handle', 'jar.lid', 'cup', 'jar', 'cup.top'} <= positions(scene).keys()


def test_things_stand_on_the_table_apart_from_each_other():
    scene = scene_for(program(Grasp(object='cup'), Avoid(object='lamp'), target='shelf'))
    for item in scene.objects:
        assert item.center[2] == pytest.approx(item.extent[2] / 2)
        for other in scene.objects:
            if other is not item:
                gap = abs(item.center - other.center) - (item.extent + other.extent) / 2
                assert gap[:2].max() > 0.05


@pytest.mark.parametrize('path', sorted(GOOD.glob('*.json')), ids=lambda path: path.name)
def test_static_rules_hold_in_it(path):
    submitted = read_program_file(path)
    if isinstance(submitted, RewardProgram):
        check_program(submitted, scene_for(submitted))


def test_given_places_are_kept():
    places = {'mug': (0.5, 0.1, 0.05), 'mug.handle': (0.5, 0.16, 0.05)}
    found = positions(scene_of_places(places))
    for name, where in places.items():
        assert found[name] == pytest.approx(where)
