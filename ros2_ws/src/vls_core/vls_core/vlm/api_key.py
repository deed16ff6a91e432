"""The key of an endpoint: read from the environment, and fit to be sent or refused."""

from __future__ import annotations

import os

NO_KEY = 'no-key'
"""Sent when the environment variable is not set: local servers accept anything."""


class InvalidKeyError(ValueError):
    """The key cannot be sent; the message names the variable and never the key."""


def api_key(variable: str) -> str:
    """What the environment variable holds, without white space around it; '' if it is unset."""
    return os.environ.get(variable, '').strip()


def sendable_key(variable: str) -> str:
    """The key to send, NO_KEY if there is none. Raises InvalidKeyError."""
    key = api_key(variable)
    if not all('!' <= character <= '~' for character in key):
        raise InvalidKeyError(
            f'the key in the environment variable {variable} has characters that no key has '
            '(spaces, line breaks or letters beyond ASCII)'
        )
    return key or NO_KEY
