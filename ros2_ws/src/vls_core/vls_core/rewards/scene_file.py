"""A scene as a JSON file, for the tools that work without a camera.

    {"objects": [
        {"name": "mug", "kind": "graspable", "center": [0.5, 0.1, 0.05],
         "extent": [0.08, 0.08, 0.1], "keypoints": {"handle": [0.5, 0.15, 0.05]}}],
     "stamp": 0.0}

Lengths in metres in the base frame; `kind` is graspable, surface or obstacle; `keypoints` and
`stamp` may be left out. There is a plain form too, for where only points are known:

    {"keypoints": {"mug": [0.5, 0.1, 0.05], "mug.handle": [0.5, 0.15, 0.05]}}

Each name becomes a small graspable cube about its point, except that "mug.handle" becomes a
keypoint of "mug" where there is one. No two things may go by the same name: an object "mug.top"
beside a "mug" is refused, as every mug has a top.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, Field, ValidationError, model_validator

from vls_core.rewards.json_text import JsonTextError, read_json_text
from vls_core.rewards.keypoints import CENTER, TOP, ambiguous
from vls_core.rewards.model import KeypointName, Name, Number, PointName, Strict
from vls_core.types import Keypoint, ObjectKind, Scene, SceneObject

POINT_SIZE = 0.04
"""Side of the cube that stands for an object of which only a point is known [m]."""
MAXIMUM_SIZE = 1_000_000
"""Longer files are refused unread [bytes]."""
DETECTOR = 'scene file'

Coordinate = Annotated[Number, Field(ge=-10.0, le=10.0)]
Length = Annotated[Number, Field(gt=0.0, le=10.0)]
Point = tuple[Coordinate, Coordinate, Coordinate]


def _without_dots(name: str) -> str:
    if '.' in name:
        raise ValueError('the name of a keypoint has no dot in it')
    return name


_Undotted = Annotated[PointName, AfterValidator(_without_dots)]


class SceneFileError(ValueError):
    """A scene file is missing or not understood; the message says where and what to do."""


class _Object(Strict):
    name: Name
    kind: Literal['graspable', 'surface', 'obstacle']
    center: Point
    extent: tuple[Length, Length, Length]
    keypoints: dict[_Undotted, Point] = Field(default_factory=dict, max_length=64)


class _Unique(Strict):
    objects: tuple[_Object, ...] = Field(max_length=256)
    stamp: Number = 0.0

    @model_validator(mode='after')
    def _names_are_unique(self) -> _Unique:
        names = [item.name for item in self.objects]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f'listed twice: {", ".join(twice)}')
        return self


class _Points(Strict):
    keypoints: dict[KeypointName, Point] = Field(min_length=1, max_length=256)
    stamp: Number = 0.0


def load_scene(path: str | Path) -> Scene:
    """Reads a scene file of either form. Raises SceneFileError."""
    try:
        with Path(path).open('rb') as file:
            content = file.read(MAXIMUM_SIZE + 1)
        if len(content) > MAXIMUM_SIZE:
            raise SceneFileError(f'{path} is larger than {MAXIMUM_SIZE // 1_000_000} MB')
        return parse_scene(content.decode('utf-8'), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise SceneFileError(f'cannot read the scene {path}: {error}') from error


def parse_scene(text: str, source: str = 'scene') -> Scene:
    """A scene from JSON text; source names it in messages. Raises SceneFileError."""
    try:
        document = read_json_text(text)
        if isinstance(document, dict) and 'keypoints' in document and 'objects' not in document:
            scene = _from_points(_Points.model_validate(document))
        else:
            scene = _from_objects(_Unique.model_validate(document))
    except JsonTextError as error:
        raise SceneFileError(_no_scene(source, f'the file is no JSON: {error}')) from error
    except ValidationError as error:
        reasons = '; '.join(
            f'{".".join(map(str, item["loc"]))[:200] or "the file"}: {item["msg"][:300]}'
            for item in error.errors()[:4]
        )
        raise SceneFileError(_no_scene(source, reasons)) from error
    twice = ambiguous(scene)
    if twice:
        raise SceneFileError(
            f'{source} is ambiguous: "{twice[0]}" is an object, and a point of another one; give '
            'one of them another name'
        )
    return scene


def _no_scene(source: str, reasons: str) -> str:
    return (
        f'{source} is no scene: {reasons}; expected {{"objects": [{{"name", "kind", "center", '
        '"extent", "keypoints"}]} or {"keypoints": {name: [x, y, z]}}'
    )


def scene_text(scene: Scene) -> str:
    """The scene as JSON, to be read again by `parse_scene`; covariances are not kept.

    Raises ValidationError for names that a scene file cannot have.
    """
    document = _Unique(
        stamp=scene.stamp,
        objects=tuple(
            _Object(
                name=item.name, kind=item.kind.name.lower(), center=tuple(item.center.tolist()),
                extent=tuple(item.extent.tolist()),
                keypoints={key.name: tuple(key.position.tolist()) for key in item.keypoints},
            )
            for item in scene.objects
        ),
    )
    return document.model_dump_json(indent=2)


def _from_objects(document: _Unique) -> Scene:
    return Scene(document.stamp, tuple(
        scene_object(
            item.name, ObjectKind[item.kind.upper()], item.center, item.extent, item.keypoints,
            document.stamp,
        )
        for item in document.objects
    ), DETECTOR)


def _from_points(document: _Points) -> Scene:
    return scene_of_points(document.keypoints, document.stamp, DETECTOR)


def scene_of_points(
    points: dict[str, Point] | dict[str, np.ndarray], stamp: float, detector: str
) -> Scene:
    """A scene of small graspable cubes, one about each point that belongs to no other [m].

    "mug.handle" belongs to "mug" where that is there; "mug.top" says how tall the mug is. Alone,
    "mug.handle" stands for a "mug" whose centre is there.
    """
    owners = {name: _owner(name, points) for name in points}
    objects = []
    for name in dict.fromkeys(owners.values()):
        own = {key.removeprefix(name + '.'): np.asarray(points[key], dtype=np.float64)
               for key, owner in owners.items() if owner == name and key != name}
        center = np.asarray(
            points[name] if name in points else own.get(CENTER, next(iter(own.values()))),
            dtype=np.float64,
        )
        height = POINT_SIZE
        if TOP in own and own[TOP][2] > center[2] + 1e-4:
            height = 2.0 * float(own[TOP][2] - center[2])
        objects.append(scene_object(
            name, ObjectKind.GRASPABLE, center, (POINT_SIZE, POINT_SIZE, height), own, stamp
        ))
    return Scene(stamp, tuple(objects), detector)


def _owner(name: str, points: dict) -> str:
    """The object a point belongs to: the longest one with its name before a dot, or itself."""
    owner = name.rpartition('.')[0]
    while owner and owner not in points:
        owner = owner.rpartition('.')[0]
    return owner or name.rpartition('.')[0] or name


def scene_object(
    name: str, kind: ObjectKind, center: object, extent: object, keypoints: dict, stamp: float
) -> SceneObject:
    """An object whose keypoints are known exactly (their covariance is 0)."""
    return SceneObject(
        name, kind, np.asarray(center, dtype=np.float64), np.asarray(extent, dtype=np.float64),
        tuple(Keypoint(key, np.asarray(where, dtype=np.float64), np.zeros((3, 3)))
              for key, where in keypoints.items()),
        stamp,
    )
