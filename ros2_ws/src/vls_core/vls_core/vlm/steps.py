"""What happens while a program is written, told step by step to whoever wants to show it."""

from __future__ import annotations

from collections.abc import Callable

OnStep = Callable[[str], None]
"""Is told one sentence at the moment it happens, on the thread that writes the program."""


def ignore_step(step: str) -> None:
    """Shows nothing."""


class Steps:
    """Collects steps, and tells each of them on.

    Authors made of authors nest: each hands its `record` to the next as that one's `on_step`, so
    that every level has the whole story of what happened below it.
    """

    def __init__(self, on_step: OnStep = ignore_step) -> None:
        self._on_step = on_step
        self._steps: list[str] = []

    def record(self, step: str) -> None:
        """Adds one step."""
        self._steps.append(step)
        self._on_step(step)

    @property
    def all(self) -> tuple[str, ...]:
        """In the order they happened."""
        return tuple(self._steps)
