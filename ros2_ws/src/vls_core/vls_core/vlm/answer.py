"""What a model is asked to return, as a schema, and how its text becomes a value again."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vls_core.rewards.program import RewardProgram

MAXIMUM_ANSWER_LENGTH = 200_000
"""Longer answers are refused unread [characters]."""

_NOT_IN_STRICT_SCHEMAS = frozenset(
    ('default', 'title', 'discriminator', 'minLength', 'maxLength')
)


class InvalidAnswerError(ValueError):
    """A model's text is no valid answer; the message is fit to be sent back to it."""


class Answer(BaseModel):
    """A program, or the reason why there is none."""

    model_config = ConfigDict(extra='forbid', frozen=True)

    outcome: Literal['program', 'unknown_object', 'not_understood']
    program: RewardProgram | None = None
    missing: tuple[str, ...] = Field((), max_length=20)
    explanation: str = ''


def answer_schema() -> dict[str, Any]:
    """JSON schema of `Answer` in the subset that structured output accepts everywhere.

    All fields required, none additional, `anyOf` for unions. What is dropped (defaults, lengths of
    strings) is checked by `read_answer` all the same.
    """
    return _strict(Answer.model_json_schema())


def _strict(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if '$ref' in schema:
        return {'$ref': schema['$ref']}
    strict: dict[str, Any] = {}
    for key, value in schema.items():
        if key in ('properties', '$defs'):
            strict[key] = {name: _strict(item) for name, item in value.items()}
        elif key not in _NOT_IN_STRICT_SCHEMAS:
            strict['anyOf' if key == 'oneOf' else key] = _strict(value)
    if 'properties' in strict:
        strict['required'] = list(strict['properties'])
        strict['additionalProperties'] = False
    return strict


def read_answer(text: str) -> Answer:
    """The answer in a model's text, which may have prose or a code fence around it.

    Raises:
        InvalidAnswerError: no JSON object is found, it does not fit the schema, or it contradicts
            itself.
    """
    if len(text) > MAXIMUM_ANSWER_LENGTH:
        raise InvalidAnswerError(f'the answer has {len(text)} characters')
    document = _first_object(text)
    if 'outcome' not in document and 'stages' in document:
        document = {'outcome': 'program', 'program': document}
    try:
        answer = Answer.model_validate(document)
    except ValidationError as error:
        raise InvalidAnswerError(_readable(error)) from error
    if (answer.outcome == 'program') != (answer.program is not None):
        raise InvalidAnswerError('"program" must be given exactly if "outcome" is "program"')
    return answer


def _first_object(text: str) -> dict[str, Any]:
    """The first JSON object in the text that looks like an answer or a program."""
    decoder = json.JSONDecoder()
    position = text.find('{')
    while position >= 0:
        try:
            value, end = decoder.raw_decode(text, position)
        except (json.JSONDecodeError, RecursionError):
            end = position + 1
        else:
            if isinstance(value, dict) and ('outcome' in value or 'stages' in value):
                return value
        position = text.find('{', end)
    raise InvalidAnswerError('the answer contains no complete JSON object with an "outcome"')


def _readable(error: ValidationError) -> str:
    return '; '.join(
        f'{".".join(map(str, item["loc"])) or "answer"}: {item["msg"]}'
        for item in error.errors()[:8]
    )
