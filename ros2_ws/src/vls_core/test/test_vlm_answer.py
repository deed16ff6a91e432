"""A model's text becomes an answer only if it is one, and what is wrong with it is said."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vls_core.vlm.answer import (
    MAXIMUM_ANSWER_LENGTH,
    InvalidAnswerError,
    answer_schema,
    read_answer,
    strict_schema,
)
from vls_core.vlm.layout import pick_and_place
from vls_core.vlm.second_look import SecondLookAnswer

PROGRAM = pick_and_place('cup', 'tray', ('pan',), inside=False)
GOOD = json.dumps({
    'outcome': 'program', 'program': PROGRAM.model_dump(mode='json'), 'missing': [],
    'explanation': 'a } or { b',
})  # fmt: skip


@pytest.mark.parametrize('text', [
    GOOD, f'Sure!\n```json\n{GOOD}\n```\nAnything else?', f'```\n{GOOD}```', f'\ufeff  {GOOD}',
    f'I use {{curly}} braces {{"like": "this"}}: {GOOD} and {{more}}', f'{GOOD}\n{GOOD}',
    GOOD.replace('", "', '",\n\t"'), f'{{"thought": "hm"}} {GOOD}',
])
def test_an_answer_is_found_whatever_stands_around_it(text):
    assert read_answer(text).program == PROGRAM


@settings(max_examples=80, deadline=None)
@given(st.integers(0, len(GOOD) - 1))
def test_an_answer_that_breaks_off_is_never_taken_for_a_whole_one(length):
    with pytest.raises(InvalidAnswerError):
        read_answer(GOOD[:length])


def test_that_an_answer_breaks_off_is_said():
    with pytest.raises(InvalidAnswerError, match='breaks off'):
        read_answer(GOOD[: len(GOOD) // 2])


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='{}[]":, outcmeprgas\\0', max_size=60))
def test_any_text_at_all_is_an_answer_or_a_named_error(text):
    try:
        read_answer(text)
    except InvalidAnswerError as error:
        assert str(error)


def test_single_quotes_are_not_json():
    with pytest.raises(InvalidAnswerError, match='JSON'):
        read_answer("{'outcome': 'not_understood'}")


def test_what_does_not_fit_is_named_with_its_place():
    wrong = json.loads(GOOD)
    wrong['program']['stages'][0]['timeout'] = 'soon'
    with pytest.raises(InvalidAnswerError, match='stages.0.timeout'):
        read_answer(json.dumps(wrong))


def test_an_endless_answer_is_refused_unread():
    with pytest.raises(InvalidAnswerError, match='characters'):
        read_answer('{' * (MAXIMUM_ANSWER_LENGTH + 1))


@pytest.mark.parametrize('schema', [answer_schema(), strict_schema(SecondLookAnswer)])
def test_the_schema_keeps_to_what_structured_output_accepts(schema):
    def walk(node):
        if isinstance(node, list):
            for item in node:
                walk(item)
        if isinstance(node, dict):
            assert not {'oneOf', 'discriminator', 'allOf', 'prefixItems', 'default'} & set(node)
            if node.get('type') == 'object':
                assert node['additionalProperties'] is False
                assert node['required'] == list(node['properties'])
            if node.get('type') == 'array':
                assert 'items' in node
            for item in node.values():
                walk(item)

    walk(schema)
