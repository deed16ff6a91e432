"""Verifying files for the command line: one file, or a folder, and what is said about each."""

from __future__ import annotations

import json
import os
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from vls.consoles import printable
from vls_core.rewards.code.worker import WorkerDiedError
from vls_core.rewards.program_file import SUFFIXES, ProgramFileError, read_program_file
from vls_core.rewards.verification.report import Check, Finding, Verdict, VerificationReport
from vls_core.rewards.verification.verify import ProgramVerifier
from vls_core.types import Scene

STYLES = {
    Verdict.PASSED: 'green', Verdict.WARNING: 'yellow', Verdict.FAILED: 'red',
    Verdict.SKIPPED: 'dim',
}
REASON_LENGTH = 160
"""Of a reason in the list of a folder [characters]."""


class NothingToVerifyError(RuntimeError):
    """What was named is no file, or a folder without programs; the message says which."""


@dataclass(frozen=True)
class FileReport:
    """What was found out about one file.

    Attributes:
        trouble: what went wrong with this tool; empty if nothing did.
    """

    path: Path
    report: VerificationReport
    trouble: str = ''

    @property
    def accepted(self) -> bool:
        """Whether the program may be used."""
        return self.report.accepted and not self.trouble

    @property
    def verdict(self) -> str:
        """In one word."""
        if self.trouble:
            return 'failed'
        return 'accepted' if self.accepted else 'rejected'

    @property
    def reason(self) -> str:
        """Why it is not accepted; empty if it is."""
        return self.trouble or self.report.reason

    @property
    def line(self) -> str:
        """Verdict, name and reason in one line."""
        reason = printable(' '.join(self.reason.split()))
        if len(reason) > REASON_LENGTH:
            reason = reason[:REASON_LENGTH - 3] + '...'
        return f'{self.verdict}  {printable(self.path.name)}  {reason}'.rstrip()

    @property
    def record(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {
            'file': str(self.path),
            'verdict': self.verdict,
            'accepted': self.accepted,
            'reason': self.reason,
            'findings': [
                {'check': item.check.value, 'verdict': item.verdict.value,
                 'subject': item.subject, 'text': item.text}
                for item in self.report.findings
            ],
            'scales': self.report.scales,
            'program_hash': self.report.program_hash,
            'scene_hash': self.report.scene_hash,
            'content_hash': self.report.content_hash,
        }


def verify_file(path: Path, scene: Scene | None, verifier: ProgramVerifier) -> FileReport:
    """The report on a file, whatever is in it.

    Raises:
        NothingToVerifyError: it is no ordinary file.
        OSError: it cannot be read.
        WorkerDiedError: this machine cannot start a worker.
    """
    if not path.is_file():
        kind = 'a folder; --batch verifies folders' if path.is_dir() else 'no file'
        raise NothingToVerifyError(f'{path} is {kind}')
    try:
        submitted = read_program_file(path)
    except ProgramFileError as error:
        finding = Finding(error.check, Verdict.FAILED, path.name, str(error))
        return FileReport(path, VerificationReport('', '', (finding,)))
    return FileReport(path, verifier.submission(submitted, scene))


def verify_one_of_many(
    path: Path, scene: Scene | None, verifier: ProgramVerifier
) -> FileReport:
    """The report on a file, whatever comes of it: one file must not hide what the others are.

    Raises WorkerDiedError: this machine cannot start a worker.
    """
    try:
        return verify_file(path, scene, verifier)
    except (NothingToVerifyError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else 'it is no ordinary file'
        finding = Finding(Check.STATIC, Verdict.FAILED, path.name, f'it cannot be read: {reason}')
        return FileReport(path, VerificationReport('', '', (finding,)))
    except WorkerDiedError:
        raise
    except Exception as error:
        return FileReport(path, VerificationReport('', '', ()), unexpected(error))


def unexpected(error: Exception) -> str:
    """One sentence about an error that nobody thought of, with where it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f' ({Path(frames[-1].filename).name}, line {frames[-1].lineno})' if frames else ''
    return f'this tool failed: {type(error).__name__}: {str(error)[:300]}{where}'


def programs_in(folder: Path, leave_out: Path | None = None) -> list[Path]:
    """Everything in a folder that is called .py or .json, by name; it may still be no file.

    Raises NothingToVerifyError: there is none, or no folder.
    """
    if not folder.is_dir():
        raise NothingToVerifyError(f'{folder} is no folder')
    left_out = None if leave_out is None else leave_out.resolve()
    found = sorted(
        path for path in folder.iterdir()
        if path.suffix.lower() in SUFFIXES
        and (left_out is None or os.path.realpath(path) != str(left_out))
    )
    if not found:
        raise NothingToVerifyError(f'{folder} holds no .py and no .json')
    return found


def report_table(report: VerificationReport, brief: bool = False) -> Table:
    """One row for each finding; if brief, one for all that a subject passed."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=not brief, overflow='fold', ratio=2 if brief else None)
    table.add_column(overflow='fold', ratio=1)
    table.add_column(overflow='fold', ratio=3)
    if brief:
        _add_passed(table, report)
    for item in report.findings:
        if brief and item.verdict is Verdict.PASSED:
            continue
        table.add_row(
            Text(item.verdict.value, style=STYLES[item.verdict]), item.check.value,
            Text(printable(item.subject), style='dim'), Text(printable(item.text)),
        )
    return table


def _add_passed(table: Table, report: VerificationReport) -> None:
    by_subject: dict[str, list[str]] = {}
    for item in report.findings:
        if item.verdict is Verdict.PASSED:
            by_subject.setdefault(item.subject, []).append(item.check.value)
    for subject, checks in by_subject.items():
        count = f'{len(checks)} check' + ('s' if len(checks) > 1 else '')
        table.add_row(
            Text('passed', style=STYLES[Verdict.PASSED]), count,
            Text(printable(subject), style='dim'), Text(', '.join(checks)),
        )


def scale_lines(report: VerificationReport) -> Iterator[str]:
    """How steep each term is."""
    for name, value in report.scales.items():
        yield f'{printable(name)}: changes by {value:.3g} per metre'


def summary(reports: list[FileReport]) -> str:
    """How many of how many."""
    counts = Counter(report.verdict for report in reports)
    shown = [f'{counts[verdict]} {verdict}' for verdict in ('accepted', 'rejected')]
    if counts['failed']:
        shown.append(f'{counts["failed"]} failed')
    return f'{", ".join(shown)}, of {len(reports)}'


def as_json(report: FileReport, indent: int | None = None) -> str:
    """The report as JSON text."""
    return json.dumps(report.record, indent=indent)
