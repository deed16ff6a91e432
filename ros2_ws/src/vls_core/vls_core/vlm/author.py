"""What it means to write a reward program: the request, the answer, and the ways it can fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from vls_core.rewards.program import RewardProgram
from vls_core.types import Scene


@dataclass(frozen=True)
class AuthorRequest:
    """What an author gets to see.

    Attributes:
        instruction: the operator's sentence.
        scene: the named objects in view.
        picture: PNG of the camera image with the objects' names drawn on it, if there is one.
    """

    instruction: str
    scene: Scene
    picture: bytes | None = None


@dataclass(frozen=True)
class AuthoredProgram:
    """A reward program and where it came from.

    Attributes:
        program: the program.
        source: who wrote it: "offline rules" or the name of the model.
        notes: what the operator should know, one sentence each.
        degraded: why somebody else than the configured author wrote it; empty if all is well.
    """

    program: RewardProgram
    source: str
    notes: tuple[str, ...] = ()
    degraded: str = ''


class Author(Protocol):
    """Turns an instruction into a reward program. May take long: call it off the executor."""

    @property
    def identity(self) -> str:
        """Changes whenever the same request could be answered differently, e.g. a new prompt."""

    def write(self, request: AuthorRequest) -> AuthoredProgram:
        """Writes the program.

        Raises:
            UnknownObjectInInstructionError: the instruction names something that is not there.
            NotUnderstoodError: the instruction is no task that can be grounded.
            EndpointError: the model cannot be asked.
            MalformedAnswerError: the model answers, but with no usable program.
        """


class AuthorError(RuntimeError):
    """No program was written; the message says why and what to do."""


class UnknownObjectInInstructionError(AuthorError):
    """Words of the instruction belong to nothing that is seen.

    Attributes:
        words: the words that could not be grounded.
        seen: names of the objects in the scene.
    """

    def __init__(self, words: tuple[str, ...], seen: tuple[str, ...], found: str = '') -> None:
        self.words = words
        self.seen = seen
        missing = ' and no '.join(f'"{word}"' for word in words)
        found = f' ({found})' if found else ''
        super().__init__(
            f'there is no {missing} in view{found}; seen: {", ".join(seen) or "nothing"}'
        )


class NotUnderstoodError(AuthorError):
    """The instruction cannot be turned into a program; the message says what can."""


class EndpointError(AuthorError):
    """The endpoint cannot be reached, refuses, fails or takes too long.

    Attributes:
        base_url: which endpoint.
    """

    def __init__(self, base_url: str, reason: str, advice: str) -> None:
        self.base_url = base_url
        super().__init__(f'the endpoint {base_url} {reason}: {advice}')


class MalformedAnswerError(AuthorError):
    """The endpoint answered, twice, with something that is not a program for this scene."""
