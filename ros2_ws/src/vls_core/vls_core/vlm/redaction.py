"""Keeps keys out of whatever is written down."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

REPLACEMENT = '(key removed)'
SHORTEST_SECRET = 4
"""A shorter key would blot out ordinary text; no service issues one [characters]."""
DEEPEST_QUOTING = 5
"""How often a text may have been written as JSON within JSON."""

_LOOKS_LIKE_A_KEY = re.compile(r'(?i)\b(?:bearer\s+[\w.~+/=-]{8,}|sk-[A-Za-z0-9_-]{6,})')


def without_secrets(text: str, *secrets: str) -> str:
    """The text without these secrets, however they are quoted in it, nor what looks like a key."""
    for secret in secrets:
        if len(secret) < SHORTEST_SECRET:
            continue
        # Longest first: an escaped form may hold the plain one.
        for form in sorted(_forms(secret), key=len, reverse=True):
            text = text.replace(form, REPLACEMENT)
    return _LOOKS_LIKE_A_KEY.sub(REPLACEMENT, text)


def excerpt(text: str, longest: int, *secrets: str) -> str:
    """The beginning of a text from outside, without secrets, on one line.

    Arguments:
        longest: what is kept at most [characters].
    """
    # Removed before it is cut: half a key would not be found any more.
    line = ' '.join(without_secrets(text, *secrets).split())
    return line if len(line) <= longest else line[:longest].rstrip() + ' ...'


def cleaned_text(text: str, *secrets: str) -> str:
    """As `without_secrets`; what is JSON stays JSON, even if a secret is "null" or "1234".

    Then secrets are removed from its texts, JSON within them included, and not from its numbers
    and words.
    """
    if without_secrets(text, *secrets) == text:
        return text
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return without_secrets(text, *secrets)
    if not isinstance(content, dict | list):
        return without_secrets(text, *secrets)
    return json.dumps(_cleaned(content, secrets))


def _cleaned(value: Any, secrets: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return {without_secrets(key, *secrets): _cleaned(item, secrets)
                for key, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item, secrets) for item in value]
    return cleaned_text(value, *secrets) if isinstance(value, str) else value


def _forms(secret: str) -> set[str]:
    """As it is, in a URL, and in JSON; answers are JSON within JSON, so that several times."""
    forms = {secret, quote(secret, safe='')}
    for start in (secret, secret.replace('/', '\\/')):
        escaped = start
        for _ in range(DEEPEST_QUOTING):
            forms.add(escaped)
            escaped = json.dumps(escaped)[1:-1]
    return forms
