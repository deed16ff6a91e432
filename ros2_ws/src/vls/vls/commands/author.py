"""`vls author`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from rich.markup import escape
from typer import Argument, Exit, Option

from vls.author_picture import Drawing, draw
from vls.commands.reward import ACCEPTED, FAILED, REJECTED, trouble_is_ours
from vls.consoles import ERRORS, OUTPUT, printable
from vls.program_text import program_tree
from vls.scene_pictures import PictureFileError, load_camera, load_picture, png, see
from vls.verification import report_table
from vls_core.grounding.annotate import annotate
from vls_core.grounding.catalogue import CatalogueError, demo_catalogue, load_catalogue
from vls_core.grounding.picture import RgbdPicture
from vls_core.rewards.code.evaluator import SandboxedEvaluator
from vls_core.rewards.scene_file import load_scene
from vls_core.rewards.verification.report import VerificationReport
from vls_core.rewards.verification.verify import ProgramVerifier
from vls_core.types import Scene
from vls_core.vlm.author import (
    Author,
    AuthoredProgram,
    AuthorError,
    AuthorRequest,
    EndpointError,
    View,
)
from vls_core.vlm.client import EndpointAuthor, EndpointSettings, InvalidEndpointError
from vls_core.vlm.offline import OfflineAuthor


class NothingToSeeError(ValueError):
    """Neither a scene nor pictures were given, or no object is seen in them."""


@dataclass(frozen=True)
class _Sight:
    """What there is to see."""

    scene: Scene
    picture: RgbdPicture | None


def author(
    instruction: Annotated[
        str, Argument(help='What to do, e.g. "put the red cube on the plate".')
    ],
    image: Annotated[Path | None, Option(
        '--image', metavar='SCENE.PNG', help='What the camera sees.', show_default=False
    )] = None,
    depth: Annotated[Path | None, Option(
        '--depth', metavar='DEPTH.PNG', show_default=False,
        help='Its depth: 16 bits in mm, aligned to the image.',
    )] = None,
    camera: Annotated[Path | None, Option(
        '--camera', metavar='CAMERA.JSON', show_default=False,
        help="Calibration and place of the camera; default: the demo's front camera.",
    )] = None,
    objects: Annotated[Path | None, Option(
        '--objects', metavar='OBJECTS.YAML', show_default=False,
        help="What may be on the table; default: the demo's objects.",
    )] = None,
    scene: Annotated[Path | None, Option(
        '--scene', metavar='SCENE.JSON', show_default=False,
        help='What is on the table, instead of looking.',
    )] = None,
    base_url: Annotated[str, Option(
        '--base-url', show_default=False,
        help='OpenAI-compatible endpoint of a model; without it, offline rules write.',
    )] = '',
    model: Annotated[str, Option('--model', help='Name of the model.')] = '',
    out: Annotated[Path, Option('--out', help='The drawing.')] = Path('author.png'),
    json_output: Annotated[Path | None, Option(
        '--program', metavar='PROGRAM.JSON', help='Takes the program.', show_default=False
    )] = None,
) -> None:
    """Have a reward program written, verify it, and draw what it asks for. Moves nothing.

    Exit code 0: accepted. 1: rejected, or the instruction is not understood. 2: this tool failed.
    """
    with trouble_is_ours(
        CatalogueError, InvalidEndpointError, NothingToSeeError, PictureFileError
    ):
        sight = _look(scene, image, depth, camera, objects)
        with ProgramVerifier() as verifier:
            authored = _write(_author(base_url, model, verifier), instruction, sight)
            report = _report(authored, sight.scene, verifier)
            _show(authored, report)
            evaluator = None
            if report.accepted and authored.program.code_terms:
                evaluator = SandboxedEvaluator(verifier.worker)
            draw(Drawing(
                instruction, authored.program, sight.scene, report, sight.picture, evaluator
            ), out)
        if json_output is not None:
            json_output.write_text(authored.program.model_dump_json(indent=2) + '\n')
        OUTPUT.print(f'drawn in {escape(str(out))}', highlight=False, soft_wrap=True)
    raise Exit(ACCEPTED if report.accepted else REJECTED)


def _look(
    scene: Path | None, image: Path | None, depth: Path | None, camera: Path | None,
    objects: Path | None,
) -> _Sight:
    """Scene and picture. Raises SceneFileError, PictureFileError, CatalogueError or ours."""
    picture = None
    if image is not None and depth is not None:
        picture = load_picture(image, depth, load_camera(camera))
    elif scene is None or image is not None or depth is not None:
        raise NothingToSeeError('give --image and --depth, or --scene')
    if scene is not None:
        return _Sight(load_scene(scene), picture)
    catalogue = demo_catalogue() if objects is None else load_catalogue(objects)
    seen = see(picture, catalogue) if picture is not None else None
    if seen is None or not seen.objects:
        raise NothingToSeeError('no object of the catalogue is seen in the picture')
    return _Sight(seen, picture)


def _author(base_url: str, model: str, verifier: ProgramVerifier) -> Author:
    if not base_url:
        return OfflineAuthor()
    return EndpointAuthor(EndpointSettings(base_url=base_url, model=model), verifier)


def _write(author: Author, instruction: str, sight: _Sight) -> AuthoredProgram:
    """Ends the command if nothing was written."""
    picture, views = None, ()
    if sight.picture is not None:
        picture = png(annotate(sight.picture.color, sight.picture.camera, sight.scene))
        views = (View(sight.picture.color, sight.picture.camera),)
    request = AuthorRequest(instruction, sight.scene, picture, views)
    OUTPUT.print(
        f'seen: {", ".join(map(printable, sight.scene.names))}', markup=False, highlight=False,
        soft_wrap=True,
    )
    try:
        with ERRORS.status(f'{author.identity} writes'):
            return author.write(request)
    except AuthorError as error:
        ERRORS.print(
            f'[red]vls:[/red] {escape(printable(str(error)))}', highlight=False, soft_wrap=True
        )
        raise Exit(FAILED if isinstance(error, EndpointError) else REJECTED) from None


def _report(
    authored: AuthoredProgram, scene: Scene, verifier: ProgramVerifier
) -> VerificationReport:
    known = authored.report
    if known is not None and known.program_hash == authored.program.content_hash:
        return known
    return verifier(authored.program, scene)


def _show(authored: AuthoredProgram, report: VerificationReport) -> None:
    OUTPUT.print(program_tree(authored.program))
    OUTPUT.print(f'written by: {printable(authored.source)}', markup=False, highlight=False)
    for note in authored.notes:
        OUTPUT.print(f'  {printable(note)}', markup=False, highlight=False, soft_wrap=True)
    OUTPUT.print(report_table(report, brief=True))
    verdict = '[green]accepted[/green]' if report.accepted else '[red]rejected[/red]'
    reason = '' if report.accepted else f': {escape(printable(report.reason))}'
    OUTPUT.print(f'{verdict}{reason}', highlight=False, soft_wrap=True)
