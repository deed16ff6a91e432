"""A key never gets through, however it is written into a text."""

import json
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from vls_core.vlm.redaction import REPLACEMENT, without_secrets

secrets = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=40)


@given(secrets, st.text(max_size=20), st.text(max_size=20))
def test_a_secret_is_removed_plain_escaped_and_encoded(secret, before, after):
    for form in (secret, json.dumps(secret)[1:-1], quote(secret, safe='')):
        cleaned = without_secrets(f'{before} {form} {after}', secret)
        assert secret not in cleaned.replace(REPLACEMENT, '') or secret in before + after


def test_what_looks_like_a_key_goes_even_if_it_is_not_ours():
    assert 'abcdef' not in without_secrets('Incorrect key: sk-abcdef123456.')
    assert 'abcdef' not in without_secrets('Authorization: Bearer abcdef123456')


def test_ordinary_words_stay():
    text = 'the task-oriented risk-averse bearer of the ask-me-later sign'
    assert without_secrets(text, '', 'the') == text
