"""Which code and which weights make the results: a hash over their contents."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / 'ros2_ws' / 'src'
CHECKPOINT = (
    SOURCES / 'vls_policy_node' / 'vls_policy_node' / 'checkpoints' / 'pick_and_place.safetensors'
)
"""The demo's policy."""


def content_version(paths: Iterable[Path], settings: object = None) -> str:
    """Hash, 12 digits, of the files at these paths and of settings that JSON can hold.

    Of folders, all Python files count, save tests; names count as much as contents. Comments and
    docstrings do not count: they make no results.

    Raises FileNotFoundError for a path that is not there.
    """
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for path in paths:
        for file in _files(path):
            digest.update(str(file.relative_to(path.parent)).encode() + b'\0')
            digest.update(hashlib.sha256(_what_counts(file)).digest())
    return digest.hexdigest()[:12]


def _what_counts(file: Path) -> bytes:
    if file.suffix != '.py':
        return file.read_bytes()
    tree = ast.parse(file.read_bytes())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [item for item in node.body if not _says_only(item)] or [ast.Pass()]
    return ast.unparse(tree).encode()


def _says_only(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise FileNotFoundError(path)
    if path.is_file():
        return [path]
    return sorted(file for file in path.rglob('*.py') if 'test' not in file.parent.parts)
