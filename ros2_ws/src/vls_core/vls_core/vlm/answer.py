"""What a model is asked to return, as a schema, and how its text becomes a value again."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vls_core.rewards.program import RewardProgram

MAXIMUM_ANSWER_LENGTH = 200_000
"""Longer answers are refused unread [characters]."""

_NOT_IN_STRICT_SCHEMAS = frozenset(
    ('default', 'title', 'discriminator', 'minLength', 'maxLength')
)

_MEMBER = re.compile(r'\{\s*"[a-z_]+"\s*:')


class InvalidAnswerError(ValueError):
    """A model's text is no valid answer; the message is fit to be sent back to it."""


class Answer(BaseModel):
    """A program, or the reason why there is none."""

    model_config = ConfigDict(extra='forbid', frozen=True)

    outcome: Literal['program', 'unknown_object', 'not_understood']
    program: RewardProgram | None = None
    missing: tuple[str, ...] = Field((), max_length=20)
    explanation: str = ''


@cache
def answer_schema() -> dict[str, Any]:
    """JSON schema of `Answer`, see `strict_schema`."""
    return strict_schema(Answer)


def strict_schema(model: type[BaseModel]) -> dict[str, Any]:
    """JSON schema of a model in the subset that structured output accepts everywhere.

    All fields required, none additional, `anyOf` for unions. What is dropped (defaults, lengths of
    strings) is checked when the answer is read all the same.
    """
    return _strict(model.model_json_schema())


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
        elif key == 'prefixItems':
            strict['items'] = _strict(value[0])  # the vectors: all their items are alike
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
    document = first_object(text, ('outcome', 'stages'))
    if 'outcome' not in document and 'stages' in document:
        document = {'outcome': 'program', 'program': document}
    try:
        answer = Answer.model_validate(document)
    except ValidationError as error:
        raise InvalidAnswerError(readable(error)) from error
    if (answer.outcome == 'program') != (answer.program is not None):
        raise InvalidAnswerError('"program" must be given exactly if "outcome" is "program"')
    return answer


def first_object(text: str, keys: Sequence[str]) -> dict[str, Any]:
    """The first JSON object in a text that has one of these keys; prose around it is skipped.

    Raises:
        InvalidAnswerError: there is none, or it breaks off at the end of the text.
    """
    decoder = json.JSONDecoder()
    position = text.find('{')
    while position >= 0:
        try:
            value, end = decoder.raw_decode(text, position)
        except RecursionError:
            end = position + 1
        except json.JSONDecodeError as error:
            if _breaks_off(text, position, error):
                raise InvalidAnswerError(
                    'the JSON object breaks off before its end; write a shorter answer'
                ) from error
            end = position + 1
        else:
            if isinstance(value, dict) and any(key in value for key in keys):
                return value
        position = text.find('{', end)
    wanted = ' or '.join(f'"{key}"' for key in keys)
    raise InvalidAnswerError(f'the answer contains no complete JSON object with {wanted}')


def _breaks_off(text: str, position: int, error: json.JSONDecodeError) -> bool:
    """Whether an object was well-formed up to the end of the text, not just prose with a brace."""
    at_end = error.pos >= len(text.rstrip()) or error.msg.startswith('Unterminated string')
    return at_end and bool(_MEMBER.match(text, position))


def readable(error: ValidationError) -> str:
    """The first few problems on one line, for whoever wrote the answer."""
    return '; '.join(
        f'{".".join(map(str, item["loc"])) or "answer"}: {item["msg"]}'
        for item in error.errors()[:8]
    )
