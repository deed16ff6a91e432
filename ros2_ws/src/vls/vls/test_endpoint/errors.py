"""What keeps the test endpoint from serving."""

from __future__ import annotations


class EndpointInUseError(RuntimeError):
    """The port is taken; the message says which."""
