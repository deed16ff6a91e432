"""Reward programs out: at most one is in force, and only the task it belongs to ends it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from vls_interfaces.msg import RewardProgram

from vls_core.rewards.program import scene_hash
from vls_core.types import BASE_FRAME, Scene
from vls_core.vlm.author import AuthoredProgram
from vls_ros.programs import program_to_message


class ProgramOutbox:
    """Publishes programs and, when a task ends, the empty program that stops the policy.

    Tasks end on threads of their own: one that was pre-empted may end after its successor began,
    and must not withdraw the successor's program.

    Arguments:
        publish: sends a message; the header's stamp is the sender's to fill in.
    """

    def __init__(self, publish: Callable[[RewardProgram], None]) -> None:
        self._publish = publish
        self._lock = threading.Lock()
        self._in_force = ''

    def publish(
        self, authored: AuthoredProgram, scene: Scene, program_id: str, instruction: str,
        steer: bool,
    ) -> None:
        """Puts a checked program in force."""
        message = program_to_message(authored.program)
        message.header.frame_id = BASE_FRAME
        message.program_id = program_id
        message.instruction = instruction
        message.source = authored.source
        message.scene_hash = scene_hash(scene)
        message.verified = True
        message.steer = steer
        with self._lock:
            self._in_force = program_id
            self._publish(message)

    def withdraw(self, program_id: str) -> None:
        """Publishes the empty program, unless another task's program is in force."""
        with self._lock:
            if self._in_force in ('', program_id):
                self._clear()

    def withdraw_all(self) -> None:
        """Publishes the empty program, whatever is in force."""
        with self._lock:
            self._clear()

    def _clear(self) -> None:
        self._in_force = ''
        message = RewardProgram()
        message.header.frame_id = BASE_FRAME
        self._publish(message)
