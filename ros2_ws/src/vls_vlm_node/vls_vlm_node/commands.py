"""What a task may ask of its owner, and how it can end."""

from __future__ import annotations

from dataclasses import dataclass

from vls_core.types import Scene
from vls_core.vlm.author import AuthoredProgram
from vls_vlm_node.world import ErrorCode


@dataclass(frozen=True)
class Outcome:
    """How a task ended, in a code and a sentence."""

    code: ErrorCode
    message: str


@dataclass(frozen=True)
class AskAuthor:
    """To do: have a program written for this scene."""

    scene: Scene


@dataclass(frozen=True)
class VerifyAgain:
    """To do: verify a program for another scene than that it was written for."""

    authored: AuthoredProgram
    scene: Scene


@dataclass(frozen=True)
class StartUnsteered:
    """To do: let the base policy begin alone, along the stages of this program."""

    authored: AuthoredProgram
    scene: Scene


@dataclass(frozen=True)
class PublishProgram:
    """To do: publish a program verified for this scene."""

    authored: AuthoredProgram
    scene: Scene


@dataclass(frozen=True)
class Finish:
    """To do: report the outcome, and withdraw what is in force unless a newer task took over."""

    outcome: Outcome


Command = AskAuthor | VerifyAgain | StartUnsteered | PublishProgram | Finish
