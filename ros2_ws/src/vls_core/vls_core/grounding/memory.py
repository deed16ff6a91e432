"""Objects neither vanish nor jump when a hand passes before them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from vls_core.types import SceneObject

_DRIFT = 1e-5
"""How fast knowledge of an unseen place ages [m^2/s]: 3 mm after one second."""

_SAME_PLACE = 16.0
"""Squared distance in standard deviations above which an object has moved (3 axes: 99.9 %)."""


class SceneMemory:
    """Weighs measurements by their covariance, and keeps an object that is hidden for a while.

    An object of which the hand leaves only a corner to be seen stays where it was known to be; one
    that is seen well elsewhere has moved and is reported there at once. A hidden object is
    reported where it was last seen, with the `last_seen` of that picture; its age tells how far to
    trust it. So is an object hidden *in* the closed hand: memory does not know of the hand.

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
        for item in measured:
            known = self._objects.get(item.name)
            self._objects[item.name] = item if known is None else _fused(known, item)
        self._objects = {
            name: item for name, item in self._objects.items()
            if stamp - item.last_seen <= self._timeout
        }
        return tuple(sorted(self._objects.values(), key=lambda item: (item.kind, item.name)))


def _fused(known: SceneObject, measured: SceneObject) -> SceneObject:
    """The measurement, drawn towards what is known unless that contradicts it (a Kalman step)."""
    if not (known.keypoints and measured.keypoints):
        return measured
    age = measured.last_seen - known.last_seen
    before = known.keypoints[0].covariance + _DRIFT * age * np.eye(3)
    total = before + measured.keypoints[0].covariance
    change = measured.center - known.center
    if change @ np.linalg.solve(total, change) > _SAME_PLACE:
        return measured
    gain = np.linalg.solve(total, before).T
    center = known.center + gain @ change
    covariance = before - gain @ before
    keypoints = tuple(
        replace(key, position=key.position + center - measured.center,
                covariance=0.5 * (covariance + covariance.T))
        for key in measured.keypoints
    )
    return replace(measured, center=center, keypoints=keypoints)
