"""Which of many pairs of bodies are closest to each other."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pinocchio as pin


@dataclass(frozen=True)
class Proximity:
    """Two bodies and the distance between them.

    Attributes:
        distance: [m]; negative where they overlap, infinite where there is nothing to touch.
        first: name of a part of the arm.
        second: name of what it is close to.
    """

    distance: float
    first: str
    second: str


NOTHING_NEAR = Proximity(math.inf, 'the arm', 'nothing')


class ProximityWatch:
    """Finds the closest pair of a geometry model. Not for several threads.

    Args:
        model: of the arm.
        geometry: its collision pairs are watched.
        names: of its bodies, in their order.
    """

    def __init__(
        self, model: pin.Model, geometry: pin.GeometryModel, names: tuple[str, ...]
    ) -> None:
        self._model, self._geometry = model, geometry
        self._data = pin.GeometryData(geometry)
        self._names = [(names[pair.first], names[pair.second]) for pair in geometry.collisionPairs]

    def closest(self, arm: pin.Data) -> Proximity:
        """The closest pair while the joints are where `arm` says."""
        if not self._names:
            return NOTHING_NEAR
        pin.updateGeometryPlacements(self._model, arm, self._geometry, self._data)
        index = pin.computeDistances(self._geometry, self._data)
        return Proximity(self._data.distanceResults[index].min_distance, *self._names[index])
