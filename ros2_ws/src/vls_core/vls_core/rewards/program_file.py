"""What somebody hands over for verification: a file with a program or with one term in code.

Nothing in a file is trusted. It is read up to a bound, and whatever is wrong with it is a
`ProgramFileError`, which rejects it; only a file that cannot be read at all is the reader's
trouble (OSError).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from vls_core.rewards.program import RewardProgram, Stage, Term
from vls_core.rewards.verification.report import Check

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
        ProgramFileError: it can, but holds nothing of the kind.
    """
    is_code = path.suffix != JSON_SUFFIX
    check = Check.SYNTAX if is_code else Check.STATIC
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
        document = json.loads(text, parse_constant=_refuse, parse_int=_integer)
        # Half a surrogate pair can be written in JSON, but never again in UTF-8.
        json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        reason = 'it is nested too deeply' if isinstance(error, RecursionError) else error
        raise ProgramFileError(Check.STATIC, f'the file is no JSON: {reason}') from error
    if not isinstance(document, dict):
        raise ProgramFileError(Check.STATIC, f'the file holds no JSON object; {EXPECTED}')
    try:
        return _read(document)
    except ValidationError as error:
        reasons = '; '.join(
            f'{".".join(map(str, item["loc"])) or "program"}: {item["msg"]}'
            for item in error.errors(include_url=False, include_input=False)[:6]
        )
        raise ProgramFileError(Check.STATIC, reasons) from error


def _read(document: dict[str, Any]) -> RewardProgram | Stage | Term:
    if 'stages' in document:
        return RewardProgram.model_validate(document)
    if 'program' in document:
        if document['program'] is None:
            explanation = str(document.get('explanation', ''))[:200]
            raise ProgramFileError(
                Check.STATIC, f'the answer has no program in it: {explanation}'.rstrip(': ')
            )
        return RewardProgram.model_validate(document['program'])
    if 'terms' in document:
        return Stage.model_validate(document)
    if 'kind' in document:
        return _TERM.validate_python(document)
    raise ProgramFileError(Check.STATIC, EXPECTED)


def _refuse(constant: str) -> None:
    raise ValueError(f'{constant} is no number')


def _integer(digits: str) -> int:
    if len(digits) > 20:
        raise ValueError('a number has too many digits')
    return int(digits)
