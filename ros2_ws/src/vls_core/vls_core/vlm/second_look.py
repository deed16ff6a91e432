"""Asks the model to find subject and target once more, where no names can be read.

The picture is taken from elsewhere if there is a second camera, else it is a part of the same one.
Points are marked with numbers; whoever names the wrong one is not believed, and nothing moves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vls_core.grounding.annotate import SCALE, Rectangle, annotate, numbered_keypoints
from vls_core.grounding.camera import CameraModel
from vls_core.rewards.keypoints import CENTER, TOP, object_of
from vls_core.rewards.program import RewardProgram
from vls_core.types import Scene, SceneObject
from vls_core.vlm.answer import InvalidAnswerError, first_object, readable, strict_schema
from vls_core.vlm.author import AuthorRequest, MalformedAnswerError, SecondLookError, View
from vls_core.vlm.endpoint import Question, Session
from vls_core.vlm.prompt import prompt_file, quoted, user_message
from vls_core.vlm.steps import OnStep

CROP_SIZE = 8.0
"""Side of a crop, in sizes of the object in the picture: what is beside it has to stay visible, or
there would be nothing to mistake it for."""
SMALLEST_CROP = 240
"""Of the side of a crop, before it is enlarged [pixels of the drawing]."""
CROP_ENLARGEMENT = 2.0
ELSEWHERE = 'a picture from another camera'
CLOSE_UP = 'a close-up without names'


class SecondLookAnswer(BaseModel):
    """The number of a mark, 0 for none of them."""

    model_config = ConfigDict(extra='ignore', frozen=True)

    mark: int = Field(ge=0)
    reason: str = ''


class SecondLook:
    """Questions of one session about where things are.

    Arguments:
        session: deadline and usage are its.
        record: is told every step.
    """

    def __init__(self, session: Session, record: OnStep) -> None:
        self._session = session
        self._record = record

    async def confirm(self, program: RewardProgram, request: AuthorRequest) -> None:
        """Returns if the model finds whatever the program is about; all is asked at once.

        Without a plain picture nothing is asked, and a step says so.

        Raises:
            SecondLookError: it takes something else for one of them.
            MalformedAnswerError: it answers with no number.
            EndpointError: it cannot be asked.
        """
        if not request.views:
            self._record('no second look: there is no picture without names')
            return
        names = _names(program, request.scene)
        await asyncio.gather(*(self._confirm_one(name, request) for name in names))

    async def _confirm_one(self, name: str, request: AuthorRequest) -> None:
        scene = request.scene
        frame = _frame(request.views, object_of(name, scene))
        marks = _marks_within(frame, scene, request.views[-1].camera)
        right = _right_marks(name, scene) & marks.keys()
        if not right:
            self._record(f'no second look at the {name}: it is not in view or has no mark')
            return
        answer = await self._ask(name, marks, request)
        if answer.mark not in right:
            shown = f'{marks[answer.mark]}, mark {answer.mark}' if answer.mark in marks else ''
            where = CLOSE_UP if len(request.views) == 1 else ELSEWHERE
            self._record(f'second look: disagreement about the {name}')
            raise SecondLookError(name, shown, where)
        self._record(f'second look: found the {name} at mark {answer.mark}')

    async def _ask(
        self, name: str, marks: Mapping[int, str], request: AuthorRequest
    ) -> SecondLookAnswer:
        numbers = ', '.join(map(str, marks))
        text = f'Which mark is at {_phrase(name, request.scene)}?\nMarks: {numbers}'
        picture = draw(request.views, request.scene, object_of(name, request.scene))
        reply = await self._session.ask(Question(
            system=prompt_file('second_look'), messages=(user_message(text, picture),),
            name='second_look_answer', schema=strict_schema(SecondLookAnswer), temperature=0.0,
        ))  # fmt: skip
        try:
            return SecondLookAnswer.model_validate(first_object(reply, ('mark',)))
        except (InvalidAnswerError, ValidationError) as error:
            reason = readable(error) if isinstance(error, ValidationError) else str(error)
            raise MalformedAnswerError(
                f'{self._session.model}, asked which mark is at "{name}", named none: {reason}'
            ) from error


def draw(views: tuple[View, ...], scene: Scene, item: SceneObject) -> bytes:
    """PNG with numbers and without names: the last view, or of an only one what is around item."""
    view = views[-1]
    drawing = annotate(view.color, view.camera, scene, names=False)
    left, upper, right, lower = _frame(views, item)
    part = drawing[upper:lower, left:right]
    if len(views) == 1:
        part = cv2.resize(part, None, fx=CROP_ENLARGEMENT, fy=CROP_ENLARGEMENT,
                          interpolation=cv2.INTER_CUBIC)
    written, encoded = cv2.imencode('.png', cv2.cvtColor(part, cv2.COLOR_RGB2BGR))
    if not written:
        raise RuntimeError('OpenCV could not encode a picture as PNG')
    return encoded.tobytes()


def _frame(views: tuple[View, ...], item: SceneObject) -> Rectangle:
    """What is shown of the last view's drawing: all, or of an only view a square around item."""
    camera = views[-1].camera
    size = np.array([SCALE * camera.width, SCALE * camera.height])
    if len(views) > 1:
        return 0, 0, int(size[0]), int(size[1])
    signs = np.array([[(index >> bit & 1) - 0.5 for bit in range(3)] for index in range(8)])
    corners = SCALE * camera.project(item.center + signs * item.extent)[0]
    middle = np.clip((corners.min(0) + corners.max(0)) / 2, 0, size)
    side = np.clip(CROP_SIZE * np.ptp(corners, axis=0).max(), SMALLEST_CROP, size.max())
    low = np.clip(middle - side / 2, 0, size).astype(int)
    high = np.clip(middle + side / 2, 0, size).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _names(program: RewardProgram, scene: Scene) -> tuple[str, ...]:
    """Subject, target, and every point of an object that has a name of its own."""
    special = sorted(name for name in program.names if name not in scene and not _is_plain(name))
    return tuple(dict.fromkeys(
        name for name in (program.subject, program.target, *special) if name is not None
    ))


def _is_plain(name: str) -> bool:
    """Centre and top are found from the object's box, not recognised."""
    return name.rpartition('.')[2] in (CENTER, TOP)


def _marks_within(frame: Rectangle, scene: Scene, camera: CameraModel) -> dict[int, str]:
    """Names of the marks that are shown, by number; those of hidden objects are left out."""
    left, upper, right, lower = frame
    found = {}
    for number, item, keypoint in numbered_keypoints(scene):
        pixels, depth = camera.project(keypoint.position[None])
        u, v = SCALE * pixels[0]
        inside = depth[0] > 0 and left <= u < right and upper <= v < lower
        if inside and item.last_seen >= scene.stamp:
            found[number] = f'{item.name}.{keypoint.name}'
    return found


def _right_marks(name: str, scene: Scene) -> set[int]:
    """Any mark of an object; the one mark of a point with a name of its own."""
    whole = name in scene
    return {
        number for number, item, keypoint in numbered_keypoints(scene)
        if (item.name == name if whole else f'{item.name}.{keypoint.name}' == name)
    }


def _phrase(name: str, scene: Scene) -> str:
    if name in scene:
        return f'the object {quoted(name)}'
    owner = object_of(name, scene).name
    return f'the part {quoted(name.removeprefix(f"{owner}."))} of the object {quoted(owner)}'
