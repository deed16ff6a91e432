"""How fast the end effector may be, depending on where it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vls_core.types import InvalidValueError


@dataclass(frozen=True)
class SpeedZone:
    """A box with a speed limit of its own, in the base frame.

    Attributes:
        name: for people.
        lower: (3,) corner [m]; infinite where there is no end.
        upper: (3,) likewise [m].
        maximum_speed: of the end effector inside [m/s].

    Raises:
        InvalidValueError: on wrong shapes, NaN, an empty box, or a speed that is not positive.
    """

    name: str
    lower: np.ndarray
    upper: np.ndarray
    maximum_speed: float

    def __post_init__(self) -> None:
        for side in ('lower', 'upper'):
            corner = np.array(getattr(self, side), dtype=np.float64)
            if corner.shape != (3,):
                raise InvalidValueError(f'speed zone "{self.name}": {side} needs 3 numbers')
            corner.setflags(write=False)
            object.__setattr__(self, side, corner)
        if not (self.lower < self.upper).all():
            raise InvalidValueError(
                f'speed zone "{self.name}": every lower bound must be below its upper bound'
            )
        _require_positive(f'maximum speed of zone "{self.name}"', self.maximum_speed)


def people_height_zone(height: float, maximum_speed: float) -> SpeedZone:
    """Everything above a height [m], where heads and faces may be, with a limit [m/s]."""
    lower = np.array([-np.inf, -np.inf, height])
    return SpeedZone('people', lower, np.full(3, np.inf), maximum_speed)


@dataclass(frozen=True)
class SpeedZones:
    """The limit everywhere, and lower ones in zones.

    On the way to a zone the limit sinks so that the zone is entered at its own limit by braking
    steadily: it has no steps, and an arm that keeps it can always keep it on.

    Attributes:
        zones: they may overlap; the lowest limit counts.
        general_limit: of the end effector, everywhere [m/s].
        braking: deceleration before a zone [m/s^2].

    Raises:
        InvalidValueError: general_limit or braking is not positive.
    """

    zones: tuple[SpeedZone, ...]
    general_limit: float
    braking: float = 1.0

    def __post_init__(self) -> None:
        _require_positive('general speed limit', self.general_limit)
        _require_positive('braking', self.braking)
        object.__setattr__(self, 'zones', tuple(self.zones))
        corners = [[zone.lower for zone in self.zones], [zone.upper for zone in self.zones]]
        object.__setattr__(self, '_corners', np.reshape(corners, (2, -1, 3)))
        speeds = np.array([zone.maximum_speed for zone in self.zones])
        object.__setattr__(self, '_squared_speeds', speeds**2)

    def allowed_speed(self, position: np.ndarray) -> float:
        """The limit [m/s] for an end effector at a position (3,) in the base frame [m].

        Raises:
            InvalidValueError: the position is not finite.
        """
        if not np.isfinite(position).all():
            raise InvalidValueError('the position of the end effector is not finite')
        if not self.zones:
            return self.general_limit
        lower, upper = self._corners
        outside = np.maximum(np.maximum(lower - position, position - upper), 0.0)
        squared = self._squared_speeds + 2 * self.braking * np.linalg.norm(outside, axis=1)
        return min(self.general_limit, float(np.sqrt(squared.min())))


def _require_positive(what: str, value: float) -> None:
    if not (np.isfinite(value) and value > 0.0):
        raise InvalidValueError(f'{what} must be positive, got {value}')
