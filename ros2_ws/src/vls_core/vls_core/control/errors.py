"""What an arm must be stopped for."""

from __future__ import annotations


class EnvelopeViolationError(RuntimeError):
    """A reference must not be sent; the arm has to be stopped."""


class LimiterError(RuntimeError):
    """No reference inside the limits exists; the arm must be stopped."""
