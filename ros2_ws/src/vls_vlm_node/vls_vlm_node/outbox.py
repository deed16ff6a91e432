"""Reward programs out: at most one is in force, and a newer task's replaces an older one's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from vls_interfaces.msg import RewardProgram

from vls_core.rewards.program import scene_hash
from vls_core.types import BASE_FRAME, Scene
from vls_core.vlm.author import AuthoredProgram
from vls_ros.programs import program_to_message


@dataclass(frozen=True)
class Publication:
    """A program to put in force.

    Attributes:
        program_id: identifies this publication.
        instruction: the operator's sentence.
        authored: the program, with the report of its verification.
        scene: what it was written and verified for.
        steer: False leaves the base policy alone.
    """

    program_id: str
    instruction: str
    authored: AuthoredProgram
    scene: Scene
    steer: bool


class ProgramOutbox:
    """Publishes programs and the empty program that stops the policy.

    Tasks run on threads of their own and are numbered in the order they were accepted. The
    program of an older task stays in force until a newer task publishes its own, or ends without
    one. A task publishes nothing any more once a newer one was accepted.

    Arguments:
        publish: sends a message; the header's stamp is the sender's to fill in.
    """

    def __init__(self, publish: Callable[[RewardProgram], None]) -> None:
        self._publish = publish
        self._lock = threading.Lock()
        self._last = 0
        self._closed = 0
        self._in_force = 0

    def enter(self) -> int:
        """The number of a task that is accepted now."""
        with self._lock:
            self._last += 1
            return self._last

    def occupied(self, task: int) -> bool:
        """Whether the program of another task than this one is in force."""
        with self._lock:
            return self._in_force not in (0, task)

    def publish(self, task: int, publication: Publication) -> bool:
        """Puts a verified program in force. False if a newer task was accepted by then."""
        message = _to_message(publication)
        with self._lock:
            if task < self._last or task <= self._closed:
                return False
            self._closed, self._in_force = task - 1, task
            self._publish(message)
            return True

    def withdraw(self, task: int) -> None:
        """Ends a task: publishes the empty program, unless a newer task has had its say."""
        with self._lock:
            if task > self._closed:
                self._clear(task)

    def withdraw_all(self) -> None:
        """Publishes the empty program; no task accepted until now publishes any more."""
        with self._lock:
            self._clear(self._last)

    def _clear(self, closed: int) -> None:
        self._closed, self._in_force = closed, 0
        message = RewardProgram()
        message.header.frame_id = BASE_FRAME
        self._publish(message)


def _to_message(publication: Publication) -> RewardProgram:
    authored = publication.authored
    message = program_to_message(authored.program)
    message.header.frame_id = BASE_FRAME
    message.program_id = publication.program_id
    message.instruction = publication.instruction
    message.source = authored.source
    message.scene_hash = scene_hash(publication.scene)
    message.authoring = list(authored.steps)
    message.steer = publication.steer and authored.steerable
    if authored.report is not None:
        message.verified = authored.report.accepted
        message.verification = list(authored.report.lines)
        message.verification_hash = authored.report.content_hash
    return message
