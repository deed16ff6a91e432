"""What a model is asked to return, as a schema, and how its text becomes a value again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from vls_core.rewards.json_text import (
    BrokenJsonError,
    JsonTextError,
    end_of_json,
    read_json_at,
)
from vls_core.rewards.model import Explanation, Name
from vls_core.rewards.program import RewardProgram

MAXIMUM_ANSWER_LENGTH = 200_000
"""Longer answers are refused unread [characters]."""
MAXIMUM_BEGINNINGS = 256
"""Of objects in one answer; if more come after them, nothing of it counts ..."""
MAXIMUM_READ = 5 * MAXIMUM_ANSWER_LENGTH
"""... nor is more read than this: what is broken is read again for each of them [characters]."""

_NOT_IN_STRICT_SCHEMAS = frozenset(
    ('default', 'title', 'discriminator', 'minLength', 'maxLength')
)

_MEMBER = re.compile(r'\{\s*"[a-z_]+"\s*:')
"""How an object begins; a brace in prose is followed by something else."""
_THOUGHTS_BEGIN, _THOUGHTS_END = '<think>', '</think>'


class InvalidAnswerError(ValueError):
    """A model's text is no valid answer; the message is fit to be sent back to it."""


class Answer(BaseModel):
    """A program, or the reason why there is none."""

    model_config = ConfigDict(extra='forbid', frozen=True)

    outcome: Literal['program', 'unknown_object', 'not_understood']
    program: RewardProgram | None = None
    missing: tuple[Name, ...] = Field((), max_length=20)
    explanation: Explanation = ''

    @model_validator(mode='after')
    def _agrees_with_itself(self) -> Self:
        if (self.outcome == 'program') != (self.program is not None):
            raise ValueError('"program" must be given exactly if "outcome" is "program"')
        return self


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
    """The answer in a model's text, which may have thoughts, prose or a code fence around it.

    The last object that is an answer counts: examples and drafts before it are passed over.

    Raises:
        InvalidAnswerError: no JSON object is found, none fits the schema and itself, or the last
            one may not have been reached.
    """
    if len(text) > MAXIMUM_ANSWER_LENGTH:
        raise InvalidAnswerError(f'the answer has {len(text)} characters')
    answer: Answer | None = None
    trouble: InvalidAnswerError | None = None
    for document in _objects(text, ('outcome', 'stages')):
        try:
            answer = _answer(document)
        except InvalidAnswerError as error:
            trouble = trouble or error
    if answer is not None:
        return answer
    # There was one, or `_objects` would have said that there is none.
    raise trouble or InvalidAnswerError('the answer contains no JSON object')


def _answer(document: dict[str, Any]) -> Answer:
    if 'outcome' not in document:
        document = {'outcome': 'program', 'program': document}
    try:
        return Answer.model_validate(document)
    except ValidationError as error:
        raise InvalidAnswerError(readable(error)) from error


def first_object(text: str, keys: Sequence[str]) -> dict[str, Any]:
    """The first JSON object in a text that has one of these keys; prose around it is skipped.

    Raises:
        InvalidAnswerError: there is none, or it breaks off at the end of the text.
    """
    return next(_objects(text, keys))


def _objects(text: str, keys: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Every JSON object that has one of these keys, none of them inside another.

    Raises InvalidAnswerError at the end of the text if there was none, if one breaks off there, or
    if there are more than are looked at.
    """
    position = _end_of_thoughts(text)
    found, trouble, read = False, '', 0
    for _ in range(MAXIMUM_BEGINNINGS):
        match = _MEMBER.search(text, position)
        if match is None or read > MAXIMUM_READ:
            break
        begin = match.start()
        try:
            value, position = read_json_at(text, begin)
        except BrokenJsonError as error:
            if error.unterminated or error.position >= len(text.rstrip()):
                raise InvalidAnswerError(
                    'the JSON object breaks off before its end; write a shorter answer'
                ) from error
            trouble, position = f': {error}', begin + 1
            read += error.position - begin
        except JsonTextError as error:
            trouble, position = f': {error}', _passed_over(text, begin)
            read += (position if position > begin + 1 else len(text)) - begin
        else:
            if any(key in value for key in keys):
                found = True
                yield value
    if found and _MEMBER.search(text, position):
        raise InvalidAnswerError('the answer contains too many JSON objects; write a single one')
    if not found:
        wanted = ' or '.join(f'"{key}"' for key in keys)
        raise InvalidAnswerError(
            f'the answer contains no complete JSON object with {wanted}{trouble}'
        )


def _passed_over(text: str, begin: int) -> int:
    """Where to go on after an object that may not be what it is: nothing inside it counts."""
    try:
        return end_of_json(text, begin)
    except JsonTextError:
        return begin + 1


def _end_of_thoughts(text: str) -> int:
    """Where a model that thinks aloud has stopped to do so. Raises InvalidAnswerError."""
    end = text.rfind(_THOUGHTS_END, 0, text.rfind('{') + 1)
    if end >= 0:
        return end + len(_THOUGHTS_END)
    if text.lstrip().startswith(_THOUGHTS_BEGIN):
        raise InvalidAnswerError('the answer breaks off in its thoughts; think less')
    return 0


def readable(error: ValidationError) -> str:
    """The first few problems on one line, for whoever wrote the answer."""
    return '; '.join(
        f'{".".join(map(str, item["loc"]))[:200] or "answer"}: {item["msg"][:300]}'
        for item in error.errors()[:8]
    )
