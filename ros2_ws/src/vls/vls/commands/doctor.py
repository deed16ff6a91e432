"""`vls doctor`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from typer import Exit, Option

from vls.consoles import ERRORS, OUTPUT
from vls.doctor.checks import CHECKS
from vls.doctor.examination import examine
from vls.doctor.finding import Finding, ready
from vls.doctor.machine import this_machine
from vls.doctor.report import as_json, finding_table, summary
from vls.doctor.subject import Subject

READY, NOT_READY, INTERRUPTED = 0, 1, 130
"""Exit codes."""


def doctor(
    robot_ip: Annotated[str, Option(
        '--robot-ip', show_default=False,
        help='Ask this robot too: network, protocol, mode, hand. Nothing moves.',
    )] = '',
    vlm_base_url: Annotated[str, Option(
        '--vlm-base-url', show_default=False, help='Ask this endpoint for its models.',
    )] = '',
    vlm_model: Annotated[str, Option(
        '--vlm-model', show_default=False, help='See that the endpoint has this one.',
    )] = '',
    json_output: Annotated[bool, Option('--json', help='Print JSON.')] = False,
) -> None:
    """Say whether this computer is ready, and what to do if not. Changes and moves nothing.

    Needs no running stack. Without --robot-ip, or with a 127.x.x.x one, a
    simulated robot is meant, which asks for less.

    Exit code 0: nothing is a problem. 1: something is.
    """
    subject = Subject(robot_ip, vlm_base_url, vlm_model)
    try:
        findings = _with_progress(subject)
    except KeyboardInterrupt:
        ERRORS.print('[red]vls:[/red] interrupted', highlight=False)
        raise Exit(INTERRUPTED) from None
    if json_output:
        OUTPUT.print(as_json(findings), markup=False, highlight=False, soft_wrap=True)
    else:
        OUTPUT.print(finding_table(findings), highlight=False)
        OUTPUT.print(summary(findings), highlight=False)
    raise Exit(READY if ready(findings) else NOT_READY)


def _with_progress(subject: Subject) -> tuple[Finding, ...]:
    with ERRORS.status('looking') as spinner:

        def show(waiting: Sequence[str]) -> None:
            done = len(CHECKS) - len(waiting)
            spinner.update(f'{done} of {len(CHECKS)} checks; waiting for {", ".join(waiting[:3])}')

        return examine(CHECKS, this_machine(), subject, show)
