"""What all violations of the safety envelope have in common."""

from __future__ import annotations


class EnvelopeViolationError(RuntimeError):
    """A reference must not be sent; the arm has to be stopped."""
