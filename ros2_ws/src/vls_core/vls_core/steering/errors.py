"""What can be wrong with a request to steer; raised before anything is sampled."""

from __future__ import annotations


class SteeringError(ValueError):
    """A chunk cannot be sampled as asked; the message says why."""


class NoParticlesError(SteeringError):
    """The configuration leaves no particle to sample."""


class ShapeMismatchError(SteeringError):
    """A reward, a prediction or a previous chunk has another shape than the policy's chunks."""


class NoFinitePlanError(SteeringError):
    """Every particle holds numbers that are not finite: the network itself has failed."""


class CommittedPrefixError(SteeringError):
    """More steps are committed than the chunk has, or than the previous chunk can give."""
