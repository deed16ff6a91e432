"""What somebody hands over for verification: a file with a program or with one term in code.

Nothing in a file is trusted. It is read up to a bound, and whatever is wrong with it is a
`ProgramFileError`, which rejects it; only a file that cannot be read at all is the reader's
trouble (OSError).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from vls_core.rewards.json_text import JsonTextError, read_json_text
from vls_core.rewards.program import RewardProgram, Stage, Term
from vls_core.rewards.verification.report import Check
from vls_core.vlm.answer import Answer

MAXIMUM_SIZE = 200_000
"""Longer files are rejected without reading the rest [bytes]."""
CODE_SUFFIX, JSON_SUFFIX = '.py', '.json'
SUFFIXES = (CODE_SUFFIX, JSON_SUFFIX)
EXPECTED = (
    'expected is a program (with "stages"), an answer (with "program"), a stage (with "terms") '
    'or a term (with "kind")'
)
_TERM: TypeAdapter[Term] = TypeAdapter(Term)


class ProgramFileError(ValueError):
    """A file holds no program; `check` is what it fails."""

    def __init__(self, check: Check, text: str) -> None:
        self.check = check
        super().__init__(text)


@dataclass(frozen=True)
class BareCode:
    """The source of one term written in code."""

    source: str


Submission = BareCode | RewardProgram | Stage | Term


def read_program_file(path: Path) -> Submission:
    """What a file holds: code, unless it is called .json.

    Raises:
        OSError: the file cannot be read.
        ProgramFileError: it can, but holds nothing of the kind, or is no ordinary file.
    """
    is_code = path.suffix.lower() != JSON_SUFFIX
    check = Check.SYNTAX if is_code else Check.STATIC
    # To open a pipe or a device can wait for ever, or have effects of its own.
    if path.exists() and not path.is_file():
        raise ProgramFileError(check, 'it is no ordinary file')
    with path.open('rb') as file:
        content = file.read(MAXIMUM_SIZE + 1)
    if len(content) > MAXIMUM_SIZE:
        raise ProgramFileError(check, f'the file is longer than {MAXIMUM_SIZE // 1000} kB')
    try:
        text = content.decode('utf-8')
    except UnicodeDecodeError as error:
        raise ProgramFileError(check, f'the file is no text in UTF-8: {error.reason}') from error
    if not text.strip():
        raise ProgramFileError(check, 'the file is empty')
    return BareCode(text) if is_code else read_json(text)


def read_json(text: str) -> RewardProgram | Stage | Term:
    """What JSON text holds. Raises ProgramFileError."""
    try:
        document = read_json_text(text)
    except JsonTextError as error:
        raise ProgramFileError(Check.STATIC, f'the file is no JSON: {error}') from error
    if not isinstance(document, dict):
        raise ProgramFileError(Check.STATIC, f'the file holds no JSON object; {EXPECTED}')
    try:
        return _read(document)
    except ValidationError as error:
        reasons = '; '.join(
            f'{".".join(map(str, item["loc"]))[:200] or "program"}: {item["msg"][:300]}'
            for item in error.errors(include_url=False, include_input=False)[:6]
        )
        raise ProgramFileError(Check.STATIC, reasons) from error


def _read(document: dict[str, Any]) -> RewardProgram | Stage | Term:
    if 'stages' in document:
        return RewardProgram.model_validate(document)
    if 'outcome' in document or 'program' in document:
        return _program_of(document)
    if 'terms' in document:
        return Stage.model_validate(document)
    if 'kind' in document:
        return _TERM.validate_python(document)
    raise ProgramFileError(Check.STATIC, EXPECTED)


def _program_of(document: dict[str, Any]) -> RewardProgram:
    """The program of an answer, which may leave out what its outcome is."""
    outcome = 'not_understood' if document.get('program') is None else 'program'
    answer = Answer.model_validate({'outcome': outcome, **document})
    if answer.program is None:
        raise ProgramFileError(
            Check.STATIC, f'the answer has no program in it: {answer.explanation}'.rstrip(': ')
        )
    return answer.program
