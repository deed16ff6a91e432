"""A model's text becomes an answer only if it is one, and what is wrong with it is said."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vls_core.rewards.json_text import BrokenJsonError, JsonTextError, read_json_at
from vls_core.vlm import answer
from vls_core.vlm.answer import (
    MAXIMUM_ANSWER_LENGTH,
    MAXIMUM_READ,
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


@settings(max_examples=80)
@given(st.integers(0, len(GOOD) - 1))
def test_an_answer_that_breaks_off_is_never_taken_for_a_whole_one(length):
    with pytest.raises(InvalidAnswerError):
        read_answer(GOOD[:length])


def test_that_an_answer_breaks_off_is_said():
    with pytest.raises(InvalidAnswerError, match='breaks off'):
        read_answer(GOOD[: len(GOOD) // 2])


@settings(max_examples=200)
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


THOUGHT = 'perhaps {"outcome": "not_understood"}?'
DRAFT = '{"outcome": "program", "program": {"subject": "cup", "stages": []}}'


@pytest.mark.parametrize('text', [
    f'<think>{THOUGHT}</think>{GOOD}', f'\n<think>{THOUGHT}\n</think>\n{GOOD}',
    f'{THOUGHT}</think>{GOOD}', f'<think>a</think><think>{THOUGHT}</think>{GOOD}',
    f'Sure. <think>{THOUGHT}</think>{GOOD}', f'{DRAFT} {GOOD}', '{"outcome": 1} ' + GOOD,
    '{"n": ' + '9' * 5000 + '} ' + GOOD, f'{{"stages": [], "stages": []}} {GOOD}',
])
def test_thoughts_and_drafts_are_passed_over(text):
    assert read_answer(text).program == PROGRAM


def test_thoughts_without_an_end_hold_no_answer():
    with pytest.raises(InvalidAnswerError, match='thoughts'):
        read_answer(f'<think>{THOUGHT}')


def test_of_several_wrong_answers_the_first_is_explained():
    with pytest.raises(InvalidAnswerError, match='stages'):
        read_answer(f'{DRAFT} {{"outcome": 7}}')


WHOLE = json.loads(GOOD)


@pytest.mark.parametrize(('text', 'reason'), [
    ('{"stages": -' + '1' * 4301 + '}', 'digits'),
    (GOOD.replace('"outcome"', '"z": ' + '9' * 5000 + ', "outcome"'), 'digits'),
    (GOOD[:-1] + ', "outcome": "not_understood"}', 'given twice'),
    (json.dumps({**WHOLE, 'explanation': '\ud800'}), 'surrogate'),
    (json.dumps({**WHOLE, 'explanation': '\ud800'}, ensure_ascii=False), 'surrogate'),
    (json.dumps({**WHOLE, 'program': {**WHOLE['program'], 'subject': '\udfff'}}), 'surrogate'),
    (json.dumps({**WHOLE, 'explanation': 'a\x1b[2Jb'}), 'printed'),
    (json.dumps({**WHOLE, 'explanation': 'long' * 300}), 'explanation'),
    (json.dumps({**WHOLE, 'outcome': 'not_understood'}), 'exactly if'),
    (json.dumps({'outcome': 'program'}), 'exactly if'),
    (json.dumps({'outcome': 'unknown_object', 'missing': ['x' * 90_000]}), 'missing.0'),
])
def test_what_means_nothing_is_refused_with_the_reason(text, reason):
    with pytest.raises(InvalidAnswerError, match=reason):
        read_answer(text)


def test_an_explanation_may_have_lines():
    explained = read_answer(json.dumps({**WHOLE, 'explanation': ' first\n\nsecond '}))
    assert explained.explanation == 'first second'


@pytest.mark.parametrize('text', [
    '{' * MAXIMUM_ANSWER_LENGTH,
    '{"a":' * (MAXIMUM_ANSWER_LENGTH // 5),
    '{"a":[' * (MAXIMUM_ANSWER_LENGTH // 6),
    '{"a":1}' * (MAXIMUM_ANSWER_LENGTH // 7),
    '{"a":x' * (MAXIMUM_ANSWER_LENGTH // 6),
    '{"a":' * 900 + '[' + '0,' * 95_000 + 'x',
])
def test_an_answer_is_read_a_few_times_over_at_most(monkeypatch, text):
    read = 0

    def counted(text, begin):
        nonlocal read
        try:
            value, end = read_json_at(text, begin)
        except BrokenJsonError as error:
            read += error.position - begin
            raise
        except JsonTextError:
            read += len(text) - begin
            raise
        read += end - begin
        return value, end

    monkeypatch.setattr(answer, 'read_json_at', counted)
    with pytest.raises(InvalidAnswerError, match='no complete JSON object'):
        read_answer(text)
    assert read <= MAXIMUM_READ + MAXIMUM_ANSWER_LENGTH


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


def answer_about(subject):
    program = pick_and_place(subject, 'tray', ('pan',), inside=False).model_dump(mode='json')
    return json.dumps({**WHOLE, 'program': program})


@pytest.mark.parametrize('text', [
    f'For example: {answer_about("decoy")} but here I write {GOOD}',
    f'{answer_about("decoy")}\n{answer_about("second decoy")}\n```json\n{GOOD}\n```',
    f'{json.dumps({"outcome": "not_understood"})} no, wait: {GOOD}',
    f'{answer_about("decoy")} {GOOD} {DRAFT}',
])
def test_of_several_answers_the_last_valid_one_counts(text):
    assert read_answer(text).program == PROGRAM


def test_an_answer_with_too_many_objects_to_reach_the_last_is_refused():
    with pytest.raises(InvalidAnswerError, match='too many'):
        read_answer(answer_about('decoy') + '{"a": 1}' * 300 + GOOD)


def test_a_draft_does_not_count_when_the_answer_after_it_breaks_off():
    with pytest.raises(InvalidAnswerError, match='breaks off'):
        read_answer(answer_about('decoy') + GOOD[:-5])
