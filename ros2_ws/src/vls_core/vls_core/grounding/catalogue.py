"""What may lie on the table: names, kinds, sizes and colours, read from a YAML file.

Hues are degrees on the colour circle (red 0, green 120, blue 240); a band of hues may wrap:

    workspace: {minimum: [0.1, -0.6, -0.02], maximum: [0.95, 0.6, 0.6], table_height: 0.0}
    objects:
      - name: red cube
        kind: graspable            # or surface, obstacle
        shape: box                 # or cylinder, tray (an open box)
        size: [0.04, 0.04, 0.04]   # full side lengths, standing upright [m]
        hue: [345, 12]
        minimum_saturation: 0.5    # 0 grey .. 1 pure
        minimum_value: 0.15        # 0 black .. 1 bright
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from vls_core.grounding.solids import Shape, Solid
from vls_core.types import InvalidValueError, ObjectKind


class CatalogueError(ValueError):
    """A catalogue file is missing or not understood; the message says where and what to do."""


@dataclass(frozen=True)
class CatalogueObject:
    """One object that may be there.

    Attributes:
        solid: its shape and full size, standing upright.
        hue: first and last hue of its colour, in this order round the circle [degrees].
        minimum_saturation, minimum_value: 0..1; below, a pixel does not count.
    """

    name: str
    kind: ObjectKind
    solid: Solid
    hue: tuple[float, float]
    minimum_saturation: float = 0.45
    minimum_value: float = 0.12

    def has_hue(self, hue: np.ndarray) -> np.ndarray:
        """Whether hues [degrees] are inside the band."""
        first, last = self.hue
        return (np.asarray(hue) - first) % 360 <= (last - first) % 360


@dataclass(frozen=True)
class ObjectCatalogue:
    """All objects that may be there, and where to look for them.

    Attributes:
        minimum, maximum: corners of the workspace, a box in the base frame [m].
        table_height: no object is below this [m].
    """

    minimum: tuple[float, float, float]
    maximum: tuple[float, float, float]
    table_height: float
    objects: tuple[CatalogueObject, ...]

    def __post_init__(self) -> None:
        names = [item.name for item in self.objects]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise CatalogueError(f'listed twice: {", ".join(twice)}')
        if not (np.array(self.minimum) < np.array(self.maximum)).all():
            raise CatalogueError('workspace: each minimum must be below its maximum')
        self._refuse_shared_hues()

    def _refuse_shared_hues(self) -> None:
        hues = np.arange(360)
        for index, item in enumerate(self.objects):
            for other in self.objects[:index]:
                if (item.has_hue(hues) & other.has_hue(hues)).any():
                    raise CatalogueError(
                        f'the hues of "{other.name}" {list(other.hue)} and "{item.name}" '
                        f'{list(item.hue)} overlap: colour alone could not tell them apart'
                    )


def demo_catalogue() -> ObjectCatalogue:
    """The catalogue of the demo's objects, which comes with this package."""
    source = resources.files('vls_core.grounding') / 'demo_objects.yaml'
    return parse_catalogue(source.read_text(encoding='utf-8'), 'demo_objects.yaml')


def load_catalogue(path: str | Path) -> ObjectCatalogue:
    """Reads a catalogue file. Raises CatalogueError."""
    try:
        text = Path(path).read_text(encoding='utf-8')
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogueError(f'cannot read the object catalogue {path}: {error}') from error
    return parse_catalogue(text, str(path))


def parse_catalogue(text: str, source: str) -> ObjectCatalogue:
    """A catalogue from YAML text; source names it in messages. Raises CatalogueError."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise CatalogueError(f'{source} is not YAML: {error}') from error
    try:
        content = _mapping(content, 'the file', ('workspace', 'objects'))
        bounds = _mapping(
            content['workspace'], 'workspace', ('minimum', 'maximum', 'table_height')
        )
        entries = content['objects']
        if not isinstance(entries, list) or not entries:
            raise CatalogueError('objects: expected a list of at least one object')
        return ObjectCatalogue(
            _numbers(bounds['minimum'], 3, 'workspace: minimum'),
            _numbers(bounds['maximum'], 3, 'workspace: maximum'),
            *_numbers([bounds['table_height']], 1, 'workspace: table_height'),
            tuple(_object(entry, index) for index, entry in enumerate(entries)),
        )
    except CatalogueError as error:
        raise CatalogueError(f'{source}: {error}') from error


def _object(entry: Any, index: int) -> CatalogueObject:
    where = f'objects[{index}]'
    optional = tuple(item.name for item in fields(CatalogueObject) if 'minimum' in item.name)
    entry = _mapping(entry, where, ('name', 'kind', 'shape', 'size', 'hue'), optional)
    if not isinstance(entry['name'], str) or not entry['name'].strip():
        raise CatalogueError(f'{where}: name must be a text')
    where = f'object "{entry["name"]}"'
    kinds = {kind.name.lower(): kind for kind in ObjectKind}
    shapes = {shape.value: shape for shape in Shape}
    try:
        solid = Solid(
            _choice(entry['shape'], shapes, f'{where}: shape'),
            _numbers(entry['size'], 3, f'{where}: size'),
        )
    except InvalidValueError as error:
        raise CatalogueError(f'{where}: {error}') from error
    return CatalogueObject(
        entry['name'],
        _choice(entry['kind'], kinds, f'{where}: kind'),
        solid,
        _numbers(entry['hue'], 2, f'{where}: hue'),
        **{key: _fraction(entry[key], f'{where}: {key}') for key in optional if key in entry},
    )


def _mapping(
    value: Any, where: str, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise CatalogueError(f'{where}: expected the keys {", ".join(required)}')
    unknown = [str(key) for key in value if key not in required + optional]
    if unknown:
        raise CatalogueError(
            f'{where}: unknown key {", ".join(unknown)}; known: {", ".join(required + optional)}'
        )
    missing = [key for key in required if key not in value]
    if missing:
        raise CatalogueError(f'{where}: {", ".join(missing)} is missing')
    return value


def _numbers(value: Any, count: int, where: str) -> tuple[float, ...]:
    good = isinstance(value, list) and len(value) == count and all(
        isinstance(item, int | float) and not isinstance(item, bool) and np.isfinite(item)
        for item in value
    )
    if not good:
        raise CatalogueError(f'{where}: expected {count} numbers, got {value!r}')
    return tuple(float(item) for item in value)


def _fraction(value: Any, where: str) -> float:
    number, = _numbers([value], 1, where)
    if not 0.0 <= number <= 1.0:
        raise CatalogueError(f'{where}: expected a number from 0 to 1, got {number}')
    return number


def _choice(value: Any, choices: Mapping[str, Any], where: str) -> Any:
    if value not in choices:
        raise CatalogueError(f'{where}: "{value}" is not one of {", ".join(choices)}')
    return choices[value]
