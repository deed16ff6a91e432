"""JSON is read without what Python's reader lets through."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vls_core.rewards.json_text import (
    BrokenJsonError,
    JsonTextError,
    end_of_json,
    read_json_at,
    read_json_text,
)

values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-10**30, 10**30) | st.text(st.characters(exclude_categories=['Cs'])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(values)
def test_what_means_something_is_read_as_ever(value):
    text = f' {json.dumps(value)} '
    assert read_json_text(text) == json.loads(text)


@pytest.mark.parametrize(('text', 'reason'), [
    ('NaN', 'NaN'), ('[-Infinity]', 'Infinity'), ('9' * 5000, 'digits'),
    ('0.' + '1' * 100_000, 'digits'), ('-1e' + '9' * 50, 'digits'),
    ('{"a": 1, "b": 2, "a": 1}', '"a" is given twice'), (r'{"a": "\ud800"}', 'surrogate'),
    (r'{"\udfff": 1}', 'surrogate'), ('"\ud800"', 'surrogate'), ('[' * 100_000, 'deeply'),
    ('{} {}', 'more after'), ('', 'Expecting'), ('{', 'Expecting'),
])
def test_what_means_nothing_is_refused(text, reason):
    with pytest.raises(JsonTextError, match=reason):
        read_json_text(text)


@given(st.text(alphabet='{}[]":,\\ued80129.eE+-aNntrf ', max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        read_json_text(text)
    except JsonTextError as error:
        assert str(error)


def test_a_value_is_read_where_it_begins_and_its_end_is_known():
    text = 'so: {"a": [1]} and on'
    assert read_json_at(text, 4) == ({'a': [1]}, 14)
    assert end_of_json(text, 4) == 14


def test_a_value_ends_where_it_does_whatever_it_means():
    text = '{"a": NaN, "a": 1} and on'
    assert end_of_json(text, 0) == 18


@pytest.mark.parametrize(('text', 'position', 'unterminated'), [
    ('{"a": x', 6, False), ('{"a": "bc', 6, True),
])
def test_where_it_breaks_is_told(text, position, unterminated):
    with pytest.raises(BrokenJsonError) as caught:
        read_json_at(text, 0)
    assert caught.value.position == position
    assert caught.value.unterminated is unterminated
