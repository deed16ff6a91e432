"""The ways the test endpoint misbehaves."""

from __future__ import annotations

from enum import StrEnum

MODEL = 'test'
"""A model of this name behaves as the server was told to; "test-slow" always is slow."""
NOT_A_MODEL = 'test endpoint, not a model'


class Fault(StrEnum):
    """What is wrong with the next answer."""

    NONE = 'none'
    CODE = 'code'
    SLOW = 'slow'
    TOO_MANY_REQUESTS = '429'
    SERVER_ERROR = '500'
    TRUNCATED = 'truncated'
    PROSE = 'prose'
    WRONG_SCHEMA = 'wrong-schema'
    REFUSAL = 'refusal'
    HOSTILE = 'hostile'
    UNVERIFIED = 'unverified'
    SILENT = 'silent'
    DROP = 'drop'

    @property
    def meaning(self) -> str:
        """One line for people."""
        return _MEANINGS[self]


_MEANINGS = {
    Fault.NONE: 'answers by the rules of the offline author, in the schema asked for',
    Fault.CODE: 'no fault: a correct program, one term of which is written in code',
    Fault.SLOW: 'answers correctly, but only after a delay',
    Fault.TOO_MANY_REQUESTS: 'status 429',
    Fault.SERVER_ERROR: 'status 500',
    Fault.TRUNCATED: 'the JSON ends in the middle, as when the tokens run out',
    Fault.PROSE: 'a correct answer with chatter around it',
    Fault.WRONG_SCHEMA: 'JSON with other fields than those asked for',
    Fault.REFUSAL: 'a refusal instead of an answer',
    Fault.HOSTILE: 'a program with a code term that would leave a file behind if it ever ran',
    Fault.UNVERIFIED: 'a program with a code term that rewards going away from its goal',
    Fault.SILENT: 'takes the request and never answers',
    Fault.DROP: 'closes the connection without an answer',
}


def fault_of_model(model: str) -> Fault | None:
    """The fault in a model's name, e.g. of "test-slow"; None if it names none."""
    try:
        return Fault(model.removeprefix(f'{MODEL}-')) if model.startswith(f'{MODEL}-') else None
    except ValueError:
        return None


def model_names() -> tuple[str, ...]:
    """Every name that is answered to with something special."""
    return (MODEL, *(f'{MODEL}-{fault}' for fault in Fault))
