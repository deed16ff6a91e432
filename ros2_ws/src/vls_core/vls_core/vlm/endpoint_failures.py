"""What a failure of an endpoint means: in words for the operator, and how long to wait."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import openai

from vls_core.vlm.api_key import api_key
from vls_core.vlm.redaction import excerpt, without_secrets

LONGEST_QUOTE = 200
"""Of an endpoint's own words [characters]."""


def explain(
    error: openai.APIError, request_timeout: float, model: str, api_key_variable: str
) -> tuple[str, str]:
    """What happened, and what to check. Free of the key, even if the endpoint quotes it."""
    key = api_key(api_key_variable)
    reason, advice = _explain(error, request_timeout, model, api_key_variable, key)
    return without_secrets(reason, key), without_secrets(advice, key)


def _explain(
    error: openai.APIError, request_timeout: float, model: str, api_key_variable: str, key: str
) -> tuple[str, str]:
    if isinstance(error, openai.APITimeoutError):
        return (
            f'did not answer within {request_timeout:g} s',
            'is it overloaded? raise the request timeout if it is merely slow',
        )
    if isinstance(error, openai.APIConnectionError):
        return (
            f'cannot be reached ({excerpt(str(error.__cause__ or error), LONGEST_QUOTE, key)})',
            'is the server running, and are host and port right?',
        )
    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
        return (
            f'refuses the key (status {error.status_code})',
            f'put a valid key into the environment variable {api_key_variable}',
        )
    if isinstance(error, openai.NotFoundError):
        return (
            'knows no such path or model (status 404)',
            f'check base_url and the model name "{model}"',
        )
    if isinstance(error, openai.RateLimitError):
        return ('has had too many requests (status 429)', 'wait, or raise the quota')
    status = getattr(error, 'status_code', None)
    what = f'status {status}' if status else type(error).__name__
    words = excerpt(error.message, LONGEST_QUOTE, key)
    return f'failed ({what}: {words})', 'look into the log of the server'


def wait_asked_for(
    error: openai.APIError, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> float | None:
    """How long the endpoint asks to be left alone [s]: its Retry-After; None if it does not."""
    response = getattr(error, 'response', None)
    text = response.headers.get('retry-after', '').strip() if response is not None else ''
    if not text:
        return None
    if text.replace('.', '', 1).isascii() and text.replace('.', '', 1).isdigit():
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None  # neither of the two forms of the standard: as if it were not there
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max((when - now()).total_seconds(), 0.0)
