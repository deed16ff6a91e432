"""What terms are called, for people to read."""

from __future__ import annotations

from vls_core.rewards.program import Code, Stage, Term

_NAMING_FIELDS = ('object', 'keypoint', 'keypoints', 'state')


def term_labels(stage: Stage) -> tuple[str, ...]:
    """A label for each term of a stage, in order, such as "reach plate"; no two are the same."""
    labels: list[str] = []
    for term in stage.terms:
        plain, number = _label(term), 1
        label = plain
        while label in labels:
            number += 1
            label = f'{plain} {number}'
        labels.append(label)
    return tuple(labels)


def _label(term: Term) -> str:
    if isinstance(term, Code):
        return term.name
    words: list[str] = [term.kind]
    for field in _NAMING_FIELDS:
        value = getattr(term, field, '')
        words += [' or '.join(value) if isinstance(value, tuple) else value]
    return ' '.join(word for word in words if word)
