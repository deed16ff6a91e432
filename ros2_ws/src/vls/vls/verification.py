"""Verifying files for the command line: one file, or a folder, and what is said about each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from vls_core.rewards.program_file import SUFFIXES, ProgramFileError, read_program_file
from vls_core.rewards.verification.report import Finding, Verdict, VerificationReport
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
    """What was found out about one file."""

    path: Path
    report: VerificationReport

    @property
    def accepted(self) -> bool:
        """Whether the program may be used."""
        return self.report.accepted

    @property
    def line(self) -> str:
        """Verdict, name and reason in one line."""
        verdict = 'accepted' if self.accepted else 'rejected'
        reason = printable(' '.join(self.report.reason.split()))
        if len(reason) > REASON_LENGTH:
            reason = reason[:REASON_LENGTH - 3] + '...'
        return f'{verdict}  {printable(self.path.name)}  {reason}'.rstrip()

    @property
    def record(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {
            'file': str(self.path),
            'accepted': self.accepted,
            'reason': self.report.reason,
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


def programs_in(folder: Path, leave_out: Path | None = None) -> list[Path]:
    """Every .py and .json of a folder, by name. Raises NothingToVerifyError if there is none."""
    if not folder.is_dir():
        raise NothingToVerifyError(f'{folder} is no folder')
    found = sorted(
        path for path in folder.iterdir()
        if path.suffix in SUFFIXES and path.is_file()
        and (leave_out is None or not path.samefile(leave_out))
    )
    if not found:
        raise NothingToVerifyError(f'{folder} holds no .py and no .json')
    return found


def printable(text: str) -> str:
    """Text from a file without what would control a terminal."""
    return ''.join(letter if letter.isprintable() else '?' for letter in text)


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
    accepted = sum(report.accepted for report in reports)
    return f'{accepted} accepted, {len(reports) - accepted} rejected, of {len(reports)}'


def as_json(report: FileReport, indent: int | None = None) -> str:
    """The report as JSON text."""
    return json.dumps(report.record, indent=indent)
