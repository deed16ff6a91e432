"""What a parameter file says, section by section."""

from __future__ import annotations

from pathlib import Path

import yaml


class ParameterFileError(ValueError):
    """A parameter file or override cannot be used; the message says what to change."""


def parameter_sections(path: Path) -> dict[str, object]:
    """The sections of a file by name, e.g. `/**/policy`. Raises ParameterFileError."""
    try:
        content = yaml.safe_load(path.read_text()) or {}
    except yaml.YAMLError as error:
        raise ParameterFileError(f'{path}: not YAML: {error}') from error
    if not isinstance(content, dict):
        raise ParameterFileError(f'{path}: needs one section per node, e.g. /**/policy:')
    return content


def parameters_set(path: Path, node: str) -> frozenset[str]:
    """Names of the parameters that a file sets for a node. Raises ParameterFileError."""
    return frozenset(
        name
        for section, content in parameter_sections(path).items()
        if section == '/**' or section.rpartition('/')[2] == node
        if isinstance(content, dict) and isinstance(content.get('ros__parameters'), dict)
        for name in content['ros__parameters']
    )
