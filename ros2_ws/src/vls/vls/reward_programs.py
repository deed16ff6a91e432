"""Reward programs as plain data, to be read by people."""

from __future__ import annotations

import json

from vls_interfaces.msg import RewardProgram


def program_record(message: RewardProgram) -> dict[str, object]:
    """Everything a RewardProgram message says, with its JSON texts unpacked."""
    return {
        'program_id': message.program_id,
        'instruction': message.instruction,
        'author': message.source,
        'subject': message.subject,
        'target': message.target,
        'authoring': list(message.authoring),
        'verified': message.verified,
        'verification': list(message.verification),
        'verification_hash': message.verification_hash,
        'steer': message.steer,
        'content_hash': message.content_hash,
        'scene_hash': message.scene_hash,
        'stages': [
            {
                'name': stage.name,
                'terms': [
                    {'kind': term.kind, 'weight': term.weight, **json.loads(term.arguments)}
                    for term in stage.terms
                ],
                'completion': json.loads(stage.completion),
                'timeout': stage.timeout,
            }
            for stage in message.stages
        ],
    }
