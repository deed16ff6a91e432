"""The messages sent to a model: the prompt file, the object list, the instruction, the picture."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib import resources
from typing import Any

from vls_core.types import Scene, SceneObject
from vls_core.vlm.answer import answer_schema
from vls_core.vlm.author import AuthorRequest

Message = dict[str, Any]


@cache
def prompt_text() -> str:
    """The prompt, as it lies in `prompts/reward_program.md`."""
    return (resources.files('vls_core.vlm') / 'prompts' / 'reward_program.md').read_text('utf-8')


@cache
def prompt_hash() -> str:
    """Short SHA-256 of all that shapes an answer besides the request: prompt and schema."""
    content = prompt_text() + json.dumps(answer_schema(), sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def system_message(with_schema: bool) -> Message:
    """The prompt; with the schema spelled out for endpoints that cannot enforce it."""
    text = prompt_text()
    if with_schema:
        text += '\n# JSON schema of the answer\n\n' + json.dumps(answer_schema())
    return {'role': 'system', 'content': text}


def request_message(request: AuthorRequest) -> Message:
    """Instruction, objects and picture."""
    text = (
        f'Instruction: {json.dumps(request.instruction, ensure_ascii=False)}\n\n'
        f'Objects:\n{_object_list(request.scene)}'
    )
    content: list[dict[str, Any]] = [{'type': 'text', 'text': text}]
    if request.picture is not None:
        encoded = base64.b64encode(request.picture).decode('ascii')
        url = f'data:image/png;base64,{encoded}'
        content.append({'type': 'image_url', 'image_url': {'url': url}})
    return {'role': 'user', 'content': content}


def repair_messages(answer: str, reason: str) -> list[Message]:
    """What follows an answer that was rejected."""
    return [
        {'role': 'assistant', 'content': answer},
        {
            'role': 'user',
            'content': f'That answer was rejected: {reason}\n'
                       'Answer again with the whole corrected JSON object and nothing else.',
        },
    ]


def _object_list(scene: Scene) -> str:
    return '\n'.join(_object_line(item) for item in scene.objects) or '(none)'


def _object_line(item: SceneObject) -> str:
    center = ', '.join(f'{value:.2f}' for value in item.center)
    size = ' x '.join(f'{value:.2f}' for value in item.extent)
    return (
        f'- {json.dumps(item.name, ensure_ascii=False)}: {item.kind.name.lower()}, '
        f'centre ({center}) m, size {size} m'
    )
