"""Keeps keys out of whatever is written down."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

REPLACEMENT = '(key removed)'
SHORTEST_SECRET = 4
"""A shorter key would blot out ordinary text; no service issues one [characters]."""

_LOOKS_LIKE_A_KEY = re.compile(r'(?i)\b(?:bearer\s+[\w.~+/=-]{8,}|sk-[A-Za-z0-9_-]{6,})')


def without_secrets(text: str, *secrets: str) -> str:
    """The text without these secrets, however they are quoted in it, nor what looks like a key."""
    for secret in secrets:
        if len(secret) < SHORTEST_SECRET:
            continue
        # Longest first: an escaped form may hold the plain one.
        forms = {secret, json.dumps(secret)[1:-1], quote(secret, safe='')}
        for form in sorted(forms, key=len, reverse=True):
            text = text.replace(form, REPLACEMENT)
    return _LOOKS_LIKE_A_KEY.sub(REPLACEMENT, text)
