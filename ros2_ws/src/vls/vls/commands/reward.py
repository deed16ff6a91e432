"""`vls verify`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from rich.markup import escape
from rich.progress import Progress
from typer import Argument, Exit, Option

from vls.consoles import ERRORS, OUTPUT, printable
from vls.verification import (
    FileReport,
    NothingToVerifyError,
    as_json,
    programs_in,
    report_table,
    scale_lines,
    summary,
    unexpected,
    verify_file,
    verify_one_of_many,
)
from vls_core.rewards.code.worker import WorkerError
from vls_core.rewards.scene_file import SceneFileError, load_scene
from vls_core.rewards.verification.verify import ProgramVerifier
from vls_core.types import Scene

ACCEPTED, REJECTED, FAILED = 0, 1, 2
"""Exit codes; FAILED is the tool's own trouble, never the program's."""
INTERRUPTED = 130
OWN_TROUBLE = (NothingToVerifyError, OSError, SceneFileError, WorkerError)


def verify(
    file: Annotated[Path, Argument(
        metavar='FILE', help='A program as .json, a term as .py; with --batch, a folder.',
        show_default=False,
    )],
    scene: Annotated[Path | None, Option(
        '--scene', metavar='SCENE.JSON', show_default=False,
        help='What is on the table; without it, things are put at made-up places.',
    )] = None,
    batch: Annotated[
        bool, Option('--batch', help='Verify every .py and .json of the folder FILE.')
    ] = False,
    json_output: Annotated[
        bool, Option('--json', help='Print JSON: one object, or with --batch one a line.')
    ] = False,
) -> None:
    """Say whether a reward program, or one term in code, may move a robot.

    Exit code 0: accepted. 1: rejected, with the reason. 2: this tool failed, e.g. no such file.

    A term is a function of (keypoints, trajectory) or (keypoints, trajectory, gripper):

    def reach_handle(keypoints, trajectory):
        \"\"\"goal: mug.handle + (0, 0, 0.05)\"\"\"
        goal = keypoints["mug.handle"] + torch.tensor([0.0, 0.0, 0.05])
        return -torch.norm(trajectory[:, 1:] - goal, dim=-1).mean(dim=1)

    keypoints: name to (3,) in metres. trajectory: (B, T + 1, 3) in metres, [:, 0] is now.
    gripper: (B, T + 1), 0 closed to 1 open. It returns (B,), 0 when satisfied, else negative, and
    its docstring declares "goal: <keypoint> + (x, y, z)", "obstacle: <keypoint>", or both.
    """
    with trouble_is_ours():
        known = None if scene is None else load_scene(scene)
        with ProgramVerifier() as verifier:
            if batch:
                code = _verify_folder(file, scene, known, verifier, json_output)
            else:
                code = _verify_one(file, known, verifier, json_output)
    raise Exit(code)


def _verify_one(
    file: Path, scene: Scene | None, verifier: ProgramVerifier, json_output: bool
) -> int:
    found = verify_file(file, scene, verifier)
    if json_output:
        OUTPUT.print(as_json(found, indent=2), markup=False, highlight=False, soft_wrap=True)
        return ACCEPTED if found.accepted else REJECTED
    OUTPUT.print(report_table(found.report))
    for line in scale_lines(found.report):
        OUTPUT.print(line, style='dim', markup=False, highlight=False, soft_wrap=True)
    name = escape(printable(file.name))
    if found.accepted:
        OUTPUT.print(f'[green]accepted[/green]  {name}', highlight=False, soft_wrap=True)
        return ACCEPTED
    OUTPUT.print(
        f'[red]rejected[/red]  {name}: {escape(printable(found.report.reason))}',
        highlight=False, soft_wrap=True,
    )
    return REJECTED


def _verify_folder(
    folder: Path, scene_file: Path | None, scene: Scene | None, verifier: ProgramVerifier,
    json_output: bool,
) -> int:
    files = programs_in(folder, scene_file)
    reports: list[FileReport] = []
    with Progress(console=ERRORS, transient=True, disable=not ERRORS.is_terminal) as progress:
        for path in progress.track(files, description='verifying'):
            found = verify_one_of_many(path, scene, verifier)
            reports.append(found)
            _print_line(found, json_output)
    if not json_output:
        OUTPUT.print(summary(reports), highlight=False)
    if any(report.trouble for report in reports):
        return FAILED
    return ACCEPTED if all(report.accepted for report in reports) else REJECTED


def _print_line(found: FileReport, json_output: bool) -> None:
    if json_output:
        OUTPUT.print(as_json(found), markup=False, highlight=False, soft_wrap=True)
        return
    OUTPUT.print(
        found.line, style=None if found.accepted else 'red', markup=False, highlight=False,
        soft_wrap=True,
    )


@contextmanager
def trouble_is_ours(*expected: type[Exception]) -> Iterator[None]:
    """Whatever goes wrong in here is not the program's fault, and must not look like it.

    What is expected is told in a sentence, anything else with where it happened.
    """
    try:
        yield
    except Exit:
        raise
    except (*OWN_TROUBLE, *expected) as error:
        _say(str(error))
        raise Exit(FAILED) from None
    except KeyboardInterrupt:
        _say('interrupted')
        raise Exit(INTERRUPTED) from None
    except Exception as error:
        _say(unexpected(error))
        raise Exit(FAILED) from None


def _say(trouble: str) -> None:
    ERRORS.print(
        f'[red]vls:[/red] {escape(printable(trouble))}', highlight=False, soft_wrap=True
    )
