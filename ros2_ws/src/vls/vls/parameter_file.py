"""Parameter files: which nodes they speak of, and `node.name=value` from the command line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import yaml

from vls.node_table import NODE_TABLE, ParameterValue
from vls.parameter_sections import ParameterFileError, parameter_sections


def check_parameter_file(path: Path) -> None:
    """Refuses what ROS would silently ignore: sections that belong to no node of the stack.

    Names within a section are checked by the node itself, which knows them.

    Raises ParameterFileError.
    """
    known = {entry.name for entry in NODE_TABLE}
    for section, content in parameter_sections(path).items():
        name = section.rpartition('/')[2]
        if name not in known and section != '/**':
            raise ParameterFileError(
                f'{path}: section "{section}" is for no node of the stack; there are: '
                + ', '.join(f'/**/{name}' for name in sorted(known))
            )
        if not isinstance(content, dict) or set(content) != {'ros__parameters'}:
            raise ParameterFileError(
                f'{path}: section "{section}" needs ros__parameters, and nothing else, below it'
            )


def parse_overrides(items: Iterable[str]) -> dict[str, dict[str, ParameterValue]]:
    """{'policy': {'rate': 2.0}} from ['policy.rate=2.0']; values are YAML.

    Raises ParameterFileError.
    """
    overrides: dict[str, dict[str, ParameterValue]] = {}
    for item in items:
        target, equals, text = item.partition('=')
        node, dot, name = target.partition('.')
        if not (equals and dot and node and name):
            raise ParameterFileError(f'"{item}" is not of the form node.name=value')
        try:
            value = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise ParameterFileError(f'"{item}": the value is not YAML') from error
        if not isinstance(value, bool | int | float | str | list):
            raise ParameterFileError(f'"{item}": the value is no number, text, list or boolean')
        overrides.setdefault(node, {})[name] = value
    return overrides
