"""What it means to write a reward program: the request, the answer, and the ways it can fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from vls_core.grounding.camera import CameraModel
from vls_core.rewards.program import RewardProgram
from vls_core.rewards.verification.report import VerificationReport
from vls_core.types import Scene
from vls_core.vlm.steps import OnStep, ignore_step
from vls_core.vlm.usage import Usage


@dataclass(frozen=True, eq=False)
class View:
    """A picture with nothing drawn on it, and the camera that took it.

    Attributes:
        color: (H, W, 3) uint8, red green blue.
        camera: calibration and place in the base frame.
    """

    color: np.ndarray
    camera: CameraModel


@dataclass(frozen=True)
class AuthorRequest:
    """What an author gets to see.

    Attributes:
        instruction: the operator's sentence.
        scene: the named objects in view.
        picture: PNG of the camera image with the objects' names drawn on it, if there is one.
        views: plain pictures of the same scene for a second look. The first is that of the camera
            which took `picture`; further ones are from elsewhere and preferred.
    """

    instruction: str
    scene: Scene
    picture: bytes | None = None
    views: tuple[View, ...] = ()


@dataclass(frozen=True)
class AuthoredProgram:
    """A reward program and where it came from.

    Attributes:
        program: the program.
        source: who wrote it: "offline rules" or the name of the model.
        notes: what the operator should know, one sentence each.
        degraded: why somebody else than the configured author wrote it; empty if all is well.
        report: what verification found out about it in the scene of the request; None if the
            author does not verify.
        steps: how it came about, one sentence each, in the order it happened.
        steerable: False is the last resort: no program was accepted, but subject and target are
            known. Its stages may be watched, its rewards must not steer.
        usage: questions and tokens it took; all 0 if no model was asked.
    """

    program: RewardProgram
    source: str
    notes: tuple[str, ...] = ()
    degraded: str = ''
    report: VerificationReport | None = None
    steps: tuple[str, ...] = ()
    steerable: bool = True
    usage: Usage = Usage()


class Author(Protocol):
    """Turns an instruction into a reward program. May take long: call it off the executor."""

    @property
    def identity(self) -> str:
        """Changes whenever the same request could be answered differently, e.g. a new prompt."""

    def write(self, request: AuthorRequest, on_step: OnStep = ignore_step) -> AuthoredProgram:
        """Writes the program, and says what it does while it does it.

        Raises:
            UnknownObjectInInstructionError: the instruction names something that is not there.
            NotUnderstoodError: the instruction is no task that can be grounded.
            SecondLookError: from another view, the model takes something else for a named object.
            EndpointError: the model cannot be asked.
            MalformedAnswerError: the model answers, but with no usable program.
            DisagreementError: the model was asked several times and meant different things.
        """


class AuthorError(RuntimeError):
    """No program was written; the message says why and what to do."""


class AuthorFailedError(AuthorError):
    """The author could not do its work; another author may try."""


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


class SecondLookError(AuthorError):
    """Asked from another view, the model takes something else for a named object.

    Attributes:
        name: the object or keypoint that was asked for.
        shown: what the model pointed at; empty if at nothing.
    """

    def __init__(self, name: str, shown: str, view: str) -> None:
        self.name = name
        self.shown = shown
        pointed = f'takes "{shown}" for it' if shown else 'sees it at none of the marks'
        super().__init__(
            f'the scene says where "{name}" is, but the model, shown {view}, {pointed}: nothing '
            'is moved; look at the picture with the names, and mend the names or the light'
        )


class EndpointError(AuthorFailedError):
    """The endpoint cannot be reached, refuses, fails or takes too long.

    Attributes:
        base_url: which endpoint.
    """

    def __init__(self, base_url: str, reason: str, advice: str) -> None:
        self.base_url = base_url
        super().__init__(f'the endpoint {base_url} {reason}: {advice}')


class MalformedAnswerError(AuthorFailedError):
    """The endpoint answered, twice, with something that is not a program for this scene.

    Attributes:
        rejected: the last program that could at least be read; never to be followed.
    """

    def __init__(self, message: str, rejected: RewardProgram | None = None) -> None:
        self.rejected = rejected
        super().__init__(message)


class DisagreementError(AuthorFailedError):
    """The same question, asked several times, was answered with different tasks.

    Attributes:
        differences: what the answers disagreed about, one sentence each.
    """

    def __init__(self, differences: tuple[str, ...]) -> None:
        self.differences = differences
        super().__init__(f'the answers disagree: {"; ".join(differences)}')
