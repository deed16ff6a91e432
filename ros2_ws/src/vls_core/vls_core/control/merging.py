"""How one curve takes over from another without a jump in position, velocity or acceleration."""

from __future__ import annotations

from vls_core.control.trajectory import JointCurve, JointPoint


class Coast:
    """Comes to rest from a point, with position, velocity and acceleration going on from there.

    The velocity is the cubic that takes velocity and acceleration to zero.

    Args:
        time: when the point is passed [s].
        point: from where to go on.
        duration: until the curve rests [s].
    """

    def __init__(self, time: float, point: JointPoint, duration: float) -> None:
        self._time, self._point, self._duration = time, point, duration

    def sample(self, time: float) -> JointPoint:
        """The point of the curve at a time [s]; before its beginning, the beginning."""
        span = self._duration
        u = min(max((time - self._time) / span, 0.0), 1.0)
        start, pull = self._point.velocity, self._point.acceleration * span
        position = self._point.position + span * (
            start * (u - u**3 + u**4 / 2) + pull * (u**2 / 2 - 2 * u**3 / 3 + u**4 / 4)
        )
        velocity = start * (1 - 3 * u**2 + 2 * u**3) + pull * (u - 2 * u**2 + u**3)
        change = start * (6 * u**2 - 6 * u) + pull * (1 - 4 * u + 3 * u**2)
        return JointPoint(position, velocity, change / span, velocity)


class Merge:
    """From an old curve to a new one, with a weight that starts and ends level and unbent.

    The speed of the change itself is left out of `feedforward`: fed forward, a late chunk that is
    far away would make the arm shoot over.

    Args:
        old: followed before.
        new: followed from start + duration on.
        start: when the new curve begins to count [s].
        duration: time it takes [s].
    """

    def __init__(
        self, old: JointCurve, new: JointCurve, start: float, duration: float
    ) -> None:
        self.new = new
        self.depth = 1 + (old.depth if isinstance(old, Merge) else 0)
        """Curves that are still being merged, one into the other."""
        self._old, self._start, self._duration = old, start, duration

    def settled(self, time: float) -> bool:
        """Whether only the new curve counts from a time [s] on."""
        return time - self._start >= self._duration

    def without_settled(self, time: float) -> JointCurve:
        """The same curve from a time [s] on, without what counts no more."""
        if self.settled(time):
            return self.new
        if not isinstance(self._old, Merge):
            return self
        old = self._old.without_settled(time)
        return Merge(old, self.new, self._start, self._duration)

    def sample(self, time: float) -> JointPoint:
        """The point of the merged curve at a time [s]."""
        new = self.new.sample(time)
        if self.settled(time):
            return new
        old = self._old.sample(time)
        weight, slope, bend = _weight(max(time - self._start, 0.0) / self._duration)
        slope, bend = slope / self._duration, bend / self._duration**2
        apart = new.position - old.position
        drifting = new.velocity - old.velocity
        return JointPoint(
            position=old.position + weight * apart,
            velocity=old.velocity + weight * drifting + slope * apart,
            acceleration=old.acceleration + weight * (new.acceleration - old.acceleration)
            + 2 * slope * drifting + bend * apart,
            feedforward=old.feedforward + weight * (new.feedforward - old.feedforward),
        )


def _weight(u: float) -> tuple[float, float, float]:
    # The quintic from 0 to 1 whose first and second derivatives vanish at both ends, with both.
    return (
        u**3 * (10 - 15 * u + 6 * u**2),
        30 * u**2 * (1 - u) ** 2,
        60 * u * (1 - u) * (1 - 2 * u),
    )


def take_over(
    old: JointCurve, new: JointCurve, time: float, duration: float, deepest: int = 6
) -> Merge:
    """Merges a new curve into the old one from a time [s] on.

    A storm of new curves would merge into each other without end: beyond `deepest`, what was
    followed before is replaced by coming to rest from where it is.
    """
    if isinstance(old, Merge):
        old = old.without_settled(time)
    if isinstance(old, Merge) and old.depth >= deepest:
        old = Coast(time, old.sample(time), duration)
    return Merge(old, new, time, duration)
