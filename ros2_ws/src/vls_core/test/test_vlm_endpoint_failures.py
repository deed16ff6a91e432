"""Retry-After is understood in both its forms, and nonsense in it is ignored."""

from datetime import UTC, datetime

import httpx2
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vls_core.vlm.endpoint_failures import wait_asked_for

NOW = datetime(2030, 1, 1, 12, 0, 0, tzinfo=UTC)


def error(retry_after):
    headers = {} if retry_after is None else {'retry-after': retry_after}
    request = httpx2.Request('POST', 'http://127.0.0.1/v1')
    response = httpx2.Response(429, headers=headers, request=request)
    return openai.RateLimitError('slow down', response=response, body=None)


@pytest.mark.parametrize(('text', 'seconds'), [
    (None, None), ('7', 7.0), ('0.25', 0.25), (' 3 ', 3.0), ('soon', None), ('-5', None),
    ('1e9', None), ('nan', None), ('', None), ('Tue, 01 Jan 2030 12:00:30 GMT', 30.0),
    ('Tue, 01 Jan 2030 11:00:00 GMT', 0.0), ('Tue, 01 Jan 2030 13:00:10 +0100', 10.0),
])
def test_seconds_and_dates_are_understood(text, seconds):
    assert wait_asked_for(error(text), lambda: NOW) == seconds


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=40))
def test_no_header_can_ask_for_a_negative_or_infinite_wait(text):
    seconds = wait_asked_for(error(text), lambda: NOW)
    assert seconds is None or 0.0 <= seconds < float('inf')


def test_a_connection_that_failed_asks_for_nothing():
    request = httpx2.Request('POST', 'http://127.0.0.1/v1')
    assert wait_asked_for(openai.APIConnectionError(request=request)) is None
