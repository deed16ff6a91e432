"""The offline author: rules instead of a model. No network.

It is not a language model and never called one: `source` is "offline rules". What it cannot ground
it refuses, and says what it could.
"""

from __future__ import annotations

from vls_core.control.fr3 import DEFAULT_WORKSPACE, WorkspaceBox
from vls_core.rewards.check import ProgramRejectedError, check_program
from vls_core.types import Scene
from vls_core.vlm.author import (
    AuthoredProgram,
    AuthorError,
    AuthorRequest,
    NotUnderstoodError,
)
from vls_core.vlm.offline.grammar import readings
from vls_core.vlm.offline.grounding import Grounding
from vls_core.vlm.offline.modifiers import adverbs, keep_clear, margins_to_keep
from vls_core.vlm.offline.syntax import Command
from vls_core.vlm.offline.verbs import draft
from vls_core.vlm.steps import OnStep, ignore_step

SOURCE = 'offline rules'
VERSION = 2


class OfflineAuthor:
    """Writes the program a sentence asks for, avoiding every obstacle in view."""

    def __init__(self, workspace: WorkspaceBox = DEFAULT_WORKSPACE) -> None:
        """Args: workspace: where programs may send the end effector."""
        self._workspace = workspace

    @property
    def identity(self) -> str:
        """Name and version of the rules."""
        return f'{SOURCE} {VERSION}'

    def write(self, request: AuthorRequest, on_step: OnStep = ignore_step) -> AuthoredProgram:
        """See `Author.write`; never raises EndpointError or MalformedAnswerError."""
        written: list[AuthoredProgram] = []
        refusals: list[AuthorError] = []
        for command in readings(request.instruction, request.scene.names):
            try:
                authored = self._write(command, request.scene)
            except AuthorError as error:
                refusals.append(error)
                continue
            if all(authored.program != other.program for other in written):
                written.append(authored)
        if not written:
            raise refusals[0]
        if len(written) > 1:
            meanings = ', or: '.join(item.notes[0].partition(': ')[2] for item in written)
            raise NotUnderstoodError(
                f'"{request.instruction}" can be read in more than one way: {meanings}; '
                'say it in other words'
            )
        return written[0]

    def _write(self, command: Command, scene: Scene) -> AuthoredProgram:
        """The program of one reading. Raises AuthorError."""
        ground = Grounding(command, scene, self._workspace)
        drafted = draft(ground)
        ground.require_upright(drafted.subject)
        asked = ground.avoided()
        margins = margins_to_keep(asked, scene)
        for name in sorted(drafted.names & margins.keys()):
            raise NotUnderstoodError(
                f'the {name} is an obstacle; I keep clear of it and can do nothing with it'
            )
        stages = keep_clear(adverbs(drafted.stages, command.manner), margins)
        program = drafted.program(stages)
        try:
            check_program(program, scene, self._workspace)
        except ProgramRejectedError as error:
            raise NotUnderstoodError(
                f'I understand: {drafted.summary}; but it cannot be done: {error}'
            ) from error
        unasked = tuple(name for name in margins if name not in asked)
        notes = (f'understood by {SOURCE}: {drafted.summary}', *drafted.notes,
                 *_clear_notes(tuple(asked), unasked))
        return AuthoredProgram(program, SOURCE, notes)


def _clear_notes(asked: tuple[str, ...], unasked: tuple[str, ...]) -> tuple[str, ...]:
    notes: tuple[str, ...] = ()
    if asked:
        notes += (f'staying clear of {", ".join(asked)}, as asked',)
    if unasked:
        notes += (f'staying clear of {", ".join(unasked)} too, as of every obstacle in view',)
    return notes
