"""The small English grammar of the offline author: one pick-and-place command, things to avoid.

    put|move|bring|... <subject> on|in|into|to <target> [, stay clear of|avoid|... <obstacles>]
    pick up <subject> and put it on <target> ...

Whatever does not fit is refused with a sentence that says what would; nothing is guessed, and no
word is skipped except articles and courtesies: "do not put ..." must never be read as "put ...".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from vls_core.vlm.author import NotUnderstoodError

EXAMPLE = '"put the <object> on the <target>, stay clear of the <obstacle>"'

_VERBS = 'put|place|move|bring|set|lay|drop|carry|transfer|deliver|deposit'
_PICK_VERBS = 'pick up|pick|grab|grasp|take|lift'
_AVOID = (
    r'(?:stay|staying|keep|keeping|steer|steering) (?:well )?(?:clear|away|off)(?: of| from)?'
    r'|(?:well )?(?:away from|clear of)|avoid|avoiding|watch out for|mind'
    r'|(?:without|do not|don\'t|never) (?:touch|touching|hit|hitting|bump into|bumping into'
    r'|knock over|knocking over)'
)
_CLAUSE = re.compile(rf'\b(?:(?P<avoid>{_AVOID})|(?P<pick>{_PICK_VERBS})|(?P<put>{_VERBS}))\b')
_INSIDE = ('into', 'in to', 'inside', 'in')
_RELATION = re.compile(
    r'\b(on top of|onto|on to|on|upon|over to|to|' + '|'.join(_INSIDE) + r')\b'
)
_OTHER_RELATION = re.compile(
    r'\b(next to|beside|besides|near|close to|under|underneath|below|beneath|behind|in front of'
    r'|left of|right of|above|over(?! to\b)|between|around|through|towards?|from)\b'
)
_COURTESIES = frozenset(
    ('please', 'kindly', 'can', 'could', 'would', 'will', 'you', 'robot', 'now', 'then', 'and',
     ',')
)
_CONNECTIVES = frozenset(('and', 'but', 'while', 'then', 'also', 'please', 'thanks', ','))
_NEGATIONS = frozenset(
    ('not', "don't", 'never', 'no', 'without', 'except', 'cannot', "can't")
)
_PRONOUNS = frozenset(('it', 'them', 'that', 'this'))


@dataclass(frozen=True)
class Command:
    """What a sentence asks for, still in its own words.

    Attributes:
        subject: what is to be moved.
        target: where to.
        avoided: what to stay clear of.
        inside: "in" rather than "on" the target.
    """

    subject: str
    target: str
    avoided: tuple[str, ...] = ()
    inside: bool = False


def normalise(instruction: str) -> str:
    """Lower case, single spaces, no full stops; equal for sentences that differ in these alone."""
    text = instruction.lower().replace('’', "'")
    text = re.sub(r"[^\w', -]", ' ', text)
    text = re.sub(r'\s*,[\s,]*', ' , ', text)
    return ' '.join(text.split()).strip(' ,')


def parse(instruction: str) -> Command:
    """The command in a sentence. Raises NotUnderstoodError."""
    text = normalise(instruction)
    clauses = list(_CLAUSE.finditer(text))
    preamble = text[: clauses[0].start()] if clauses else text
    strange = [word for word in preamble.split() if word not in _COURTESIES]
    if strange or not clauses:
        raise NotUnderstoodError(
            f'"{instruction}" does not begin with a command I know; say it like {EXAMPLE}'
        )
    picked: list[str] = []
    put: list[str] = []
    avoided: list[str] = []
    ends = [clause.start() for clause in clauses[1:]] + [len(text)]
    for clause, end in zip(clauses, ends, strict=True):
        body = _strip_connectives(text[clause.end():end])
        {'pick': picked, 'put': put, 'avoid': avoided}[clause.lastgroup].append(body)
    _refuse_negations(instruction, picked + put + avoided)
    if '' in avoided:
        raise NotUnderstoodError(f'"{instruction}" does not say what to stay clear of')
    subject, target, inside = _motion(instruction, picked, put)
    return Command(subject, target, tuple(avoided), inside)


def _strip_connectives(text: str) -> str:
    words = text.split()
    while words and words[-1] in _CONNECTIVES:
        words.pop()
    while words and words[0] in _CONNECTIVES:
        words.pop(0)
    return ' '.join(words)


def _refuse_negations(instruction: str, bodies: list[str]) -> None:
    for body in bodies:
        if _NEGATIONS & set(body.split()):
            raise NotUnderstoodError(
                f'"{instruction}" forbids something in a way I do not know; say it like {EXAMPLE}'
            )


def _motion(instruction: str, picked: list[str], put: list[str]) -> tuple[str, str, bool]:
    """Subject, target, and whether "in"."""
    if len(put) > 1 or len(picked) > 1 or not picked + put:
        raise NotUnderstoodError(
            f'"{instruction}" is not one task with one object; say it like {EXAMPLE}'
        )
    subject, target, inside = _split_at_relation(instruction, (put or picked)[0])
    if put and picked:
        if subject not in _PRONOUNS or _RELATION.search(picked[0]):
            raise NotUnderstoodError(
                f'"{instruction}" is not one task with one object; say it like {EXAMPLE}'
            )
        subject = picked[0]
    return subject, target, inside


def _split_at_relation(instruction: str, body: str) -> tuple[str, str, bool]:
    other = _OTHER_RELATION.search(body)
    if other:
        raise NotUnderstoodError(
            f'I do not know "{other.group()}" as a place yet, only "on", "in", "into" and "to"; '
            f'say it like {EXAMPLE}'
        )
    relation = _RELATION.search(body)
    if not relation:
        raise NotUnderstoodError(f'"{instruction}" does not say where to; say it like {EXAMPLE}')
    subject, target = body[: relation.start()].strip(), body[relation.end():].strip()
    if not subject or not target or _RELATION.search(target):
        raise NotUnderstoodError(
            f'"{instruction}" must name one object and one place; say it like {EXAMPLE}'
        )
    return subject, target, relation.group() in _INSIDE
