"""What all parts of a reward program share: strict models, and units as types."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Metres = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0.0, le=300.0, allow_inf_nan=False)]
Share = Annotated[float, Field(gt=0.0, le=1.0, allow_inf_nan=False)]
Component = Annotated[float, Field(ge=-1.0, le=1.0, allow_inf_nan=False)]
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
