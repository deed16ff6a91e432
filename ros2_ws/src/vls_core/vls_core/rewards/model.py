"""What all parts of a reward program share: strict models, and names and units as types."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

NAME_LENGTH = 80
"""Letters that the name of an object or a stage may have."""
POINT_NAME_LENGTH = 39
"""Letters that a keypoint may have after the name of its object and the dot."""
KEYPOINT_LENGTH = NAME_LENGTH + 1 + POINT_NAME_LENGTH
EXPLANATION_LENGTH = 1000


def _printable(text: str) -> str:
    """Refuses what is not seen, or what changes how the text around it is seen."""
    if not text.isprintable():
        raise ValueError(
            'it holds letters that cannot be printed; leave out line breaks, control characters '
            'and marks of direction'
        )
    return text


def _encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError('it holds half of a surrogate pair') from None
    return text


def _one_line(text: str) -> str:
    return ' '.join(text.split())


Name = Annotated[str, Field(min_length=1, max_length=NAME_LENGTH), AfterValidator(_printable)]
"""Of an object or a stage: one line of letters that can be seen, in any script."""
KeypointName = Annotated[
    str, Field(min_length=1, max_length=KEYPOINT_LENGTH), AfterValidator(_printable)
]
"""Of an object, for its centre, or of one of its points: "object.point"."""
PointName = Annotated[
    str, Field(min_length=1, max_length=POINT_NAME_LENGTH), AfterValidator(_printable)
]
"""Of a keypoint among those of its object."""
Explanation = Annotated[
    str, AfterValidator(_one_line), Field(max_length=EXPLANATION_LENGTH),
    AfterValidator(_printable),
]
"""A few sentences for people, brought on one line."""
SourceText = Annotated[str, AfterValidator(_encodable)]
"""Code, which may hold whatever can be written in UTF-8."""

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""Finite, and neither true nor text."""
Metres = Annotated[Number, Field(ge=0.0, le=1.0)]
Seconds = Annotated[Number, Field(ge=0.0, le=300.0)]
Share = Annotated[Number, Field(gt=0.0, le=1.0)]
Component = Annotated[Number, Field(ge=-1.0, le=1.0)]
Vector = tuple[Component, Component, Component]
"""x y z in the base frame: an offset [m], or the components of a direction."""
SHORTEST_DIRECTION = 1e-3
"""A vector shorter than this points nowhere."""


def _with_a_length(vector: Vector) -> Vector:
    if sum(component**2 for component in vector) < SHORTEST_DIRECTION**2:
        raise ValueError('a direction needs a length: at least one component must not be 0')
    return vector


Direction = Annotated[Vector, AfterValidator(_with_a_length)]
"""x y z in the base frame, of any length but 0."""


class Strict(BaseModel):
    """Immutable; unknown fields are errors."""

    model_config = ConfigDict(extra='forbid', frozen=True)
