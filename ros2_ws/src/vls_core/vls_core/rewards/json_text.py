"""JSON that somebody else wrote, read without its loopholes.

Python's reader takes NaN and Infinity, keeps the last of two equal keys, and lets half a surrogate
pair through; its numbers may have as many digits as there are. Here all of that is an error.
"""

from __future__ import annotations

import json
from typing import Any

LONGEST_NUMBER = 40
"""Characters of a number; a float has 17 digits and an exponent."""


class JsonTextError(ValueError):
    """Text is no JSON, or JSON that means nothing here; the message says which."""


class BrokenJsonError(JsonTextError):
    """Text is no JSON.

    Attributes:
        position: index of the letter at which that shows.
        unterminated: whether a string does not end before the text does.
    """

    def __init__(self, reason: str, position: int, unterminated: bool = False) -> None:
        self.position = position
        self.unterminated = unterminated
        super().__init__(reason)


def read_json_text(text: str) -> Any:
    """The value that is all of a text. Raises JsonTextError."""
    begin = len(text) - len(text.lstrip())
    value, end = read_json_at(text, begin)
    if text[end:].strip():
        raise BrokenJsonError('there is more after its end', end)
    return value


def read_json_at(text: str, begin: int) -> tuple[Any, int]:
    """The value that begins at a letter, and where it ends. Raises JsonTextError."""
    value, end = _raw(_STRICT, text, begin)
    try:
        # Half a surrogate pair can be written in JSON, but never again in UTF-8.
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise JsonTextError('it holds half of a surrogate pair') from error
    except RecursionError as error:
        raise JsonTextError('it is nested too deeply') from error
    return value, end


def end_of_json(text: str, begin: int) -> int:
    """Where a value ends that begins at a letter, whatever it means. Raises BrokenJsonError."""
    return _raw(_LENIENT, text, begin)[1]


def _raw(decoder: json.JSONDecoder, text: str, begin: int) -> tuple[Any, int]:
    try:
        return decoder.raw_decode(text, begin)
    except RecursionError as error:
        raise JsonTextError('it is nested too deeply') from error
    except json.JSONDecodeError as error:
        unterminated = error.msg.startswith('Unterminated string')
        raise BrokenJsonError(str(error), error.pos, unterminated) from error


def _refuse(constant: str) -> None:
    raise JsonTextError(f'{constant} is no number')


def _integer(digits: str) -> int:
    return int(_short(digits))


def _float(digits: str) -> float:
    return float(_short(digits))


def _short(digits: str) -> str:
    if len(digits) > LONGEST_NUMBER:
        raise JsonTextError('a number has too many digits')
    return digits


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise JsonTextError(f'"{twice[:40]}" is given twice')
    return found


_STRICT = json.JSONDecoder(
    parse_constant=_refuse, parse_int=_integer, parse_float=_float, object_pairs_hook=_object
)
_LENIENT = json.JSONDecoder(parse_int=len, parse_float=len)
