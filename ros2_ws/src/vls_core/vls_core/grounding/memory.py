"""Objects do not vanish when a hand passes before them."""

from __future__ import annotations

from collections.abc import Iterable

from vls_core.types import SceneObject


class SceneMemory:
    """Keeps the last measurement of an object that is hidden, until a time-out.

    A remembered object is reported where it was last seen, with the `last_seen` of that picture;
    its age tells how far to trust it. An object in the closed hand, hidden by the fingers, is
    reported where it was last seen too: memory does not know of the hand.

    Args:
        timeout: an object not measured for longer than this is dropped [s].
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._objects: dict[str, SceneObject] = {}
        self._latest = float('-inf')

    def update(self, stamp: float, measured: Iterable[SceneObject]) -> tuple[SceneObject, ...]:
        """What is known at the time of a picture [s], in an order that does not depend on history.

        A picture older than the last one means that the clock was set back: all is forgotten.
        """
        if stamp < self._latest:
            self._objects.clear()
        self._latest = stamp
        self._objects.update({item.name: item for item in measured})
        self._objects = {
            name: item for name, item in self._objects.items()
            if stamp - item.last_seen <= self._timeout
        }
        return tuple(sorted(self._objects.values(), key=lambda item: (item.kind, item.name)))
