"""Reward programs as messages. Apart from `convert`, so that the bridge needs no pydantic."""

from __future__ import annotations

import json

from pydantic import ValidationError
from vls_interfaces import msg as messages

from vls_core.rewards.labels import term_labels
from vls_core.rewards.program import GripperIntent, RewardProgram, Stage
from vls_core.types import InvalidValueError

_GRIPPER = {
    GripperIntent.FREE: messages.RewardStage.GRIPPER_FREE,
    GripperIntent.OPEN: messages.RewardStage.GRIPPER_OPEN,
    GripperIntent.CLOSED: messages.RewardStage.GRIPPER_CLOSED,
}
_GRIPPER_INTENT = {value: key for key, value in _GRIPPER.items()}


def program_to_message(program: RewardProgram) -> messages.RewardProgram:
    """Fills subject, target, stages and content_hash; the publisher adds the rest."""
    return messages.RewardProgram(
        subject=program.subject,
        target=program.target or '',
        stages=[_stage_to_message(stage) for stage in program.stages],
        content_hash=program.content_hash,
    )


def _stage_to_message(stage: Stage) -> messages.RewardStage:
    return messages.RewardStage(
        name=stage.name,
        terms=[
            messages.RewardTerm(
                kind=term.kind,
                name=label,
                weight=term.weight,
                arguments=term.model_dump_json(exclude={'kind', 'weight'}),
            )
            for term, label in zip(stage.terms, term_labels(stage), strict=True)
        ],
        completion=json.dumps([item.model_dump() for item in stage.completion]),
        timeout=stage.timeout,
        gripper=_GRIPPER[stage.gripper],
    )


def program_from_message(message: messages.RewardProgram) -> RewardProgram:
    """The program of a message.

    Raises:
        InvalidValueError: it is not a program, or its hash does not fit.
    """
    try:
        program = RewardProgram.model_validate({
            'subject': message.subject,
            'target': message.target or None,
            'stages': [_stage_from_message(stage) for stage in message.stages],
        })
    except (ValidationError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise InvalidValueError(f'not a reward program: {error}') from error
    if program.content_hash != message.content_hash:
        raise InvalidValueError('the content hash of the reward program does not fit its stages')
    return program


def _stage_from_message(stage: messages.RewardStage) -> dict[str, object]:
    return {
        'name': stage.name,
        'terms': [
            {**json.loads(term.arguments), 'kind': term.kind, 'weight': term.weight}
            for term in stage.terms
        ],
        'completion': json.loads(stage.completion),
        'timeout': stage.timeout,
        'gripper': _GRIPPER_INTENT[stage.gripper],
    }
