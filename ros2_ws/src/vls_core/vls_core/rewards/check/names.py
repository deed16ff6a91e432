"""Does everything a program names exist?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vls_core.rewards.check.problems import Problem, Rule
from vls_core.rewards.keypoints import position, positions
from vls_core.rewards.program import RewardProgram
from vls_core.types import Scene, UnknownObjectError

_OBJECT_FIELDS = ('object', 'subject', 'target')
_POINT_FIELDS = ('keypoint', 'goal', 'obstacle')


def unknown_names(program: RewardProgram, scene: Scene) -> Iterator[Problem]:
    """Objects and points that are not in the scene, each once."""
    items = [item for stage in program.stages for item in (*stage.terms, *stage.completion)]
    objects = _named((program, *items), _OBJECT_FIELDS)
    points = _named(items, _POINT_FIELDS)
    points |= {name for item in items for name in getattr(item, 'keypoints', ())}
    for name in sorted(objects - set(scene.names)):
        yield Problem(Rule.NAME, _no_object(name, scene))
    for name in sorted(points - objects):
        try:
            position(name, scene)
        except UnknownObjectError:
            yield Problem(Rule.NAME, _no_point(name, scene))


def _named(items: Iterable[object], fields: tuple[str, ...]) -> set[str]:
    found = {getattr(item, field, None) for item in items for field in fields}
    return {name for name in found if name is not None}


def _no_object(name: str, scene: Scene) -> str:
    owner = name.rpartition('.')[0]
    if owner in scene:
        return f'"{name}" is no object; where an object is asked for, write "{owner}"'
    return f'there is no "{name}" in the scene; seen: {", ".join(scene.names) or "nothing"}'


def _no_point(name: str, scene: Scene) -> str:
    owner, _, point = name.rpartition('.')
    if owner not in scene:
        return _no_object(name, scene)
    begin = f'{owner}.'
    known = [other.removeprefix(begin) for other in positions(scene) if other.startswith(begin)]
    return f'"{owner}" has no point "{point}"; it has {", ".join(known)}'
