"""Which code and which weights make the results: a hash over their contents."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable
from functools import cache
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


def imported_by(file: Path, roots: Iterable[Path]) -> list[Path]:
    """A Python file, and the files below the roots that it imports, directly or not; sorted.

    Args:
        roots: folders from which packages are imported.
    """
    roots, found, waiting = tuple(roots), set(), [file]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += [path for name in _imports(file) for root in roots
                        for path in _modules(root, name)]
    return sorted(found)


def _imports(file: Path) -> frozenset[str]:
    """Dotted names of everything that may be a module."""
    return _imports_of(file.read_bytes())


@cache
def _imports_of(source: bytes) -> frozenset[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {item.name for item in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f'{node.module}.{item.name}' for item in node.names)}
    return frozenset(names)


def _modules(root: Path, name: str) -> list[Path]:
    """The files that importing a dotted name runs: its packages' and its own."""
    parts = name.split('.')
    packages = [root.joinpath(*parts[:depth]) for depth in range(1, len(parts) + 1)]
    candidates = (*(package / '__init__.py' for package in packages),
                  packages[-1].with_suffix('.py'))
    return [path for path in candidates if path.is_file()]


def _what_counts(file: Path) -> bytes:
    content = file.read_bytes()
    return _without_comments(content) if file.suffix == '.py' else content


@cache
def _without_comments(source: bytes) -> bytes:
    tree = ast.parse(source)
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
