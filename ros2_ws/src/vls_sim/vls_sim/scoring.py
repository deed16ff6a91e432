"""Whether an episode succeeded, judged from the physics."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np

from vls_core.types import ObjectKind
from vls_sim.scene_catalogue import CATALOGUE, item_named
from vls_sim.scene_layout import SceneLayout
from vls_sim.scene_model import FINGER_BODIES, object_pose

UPSET_DISTANCE = 0.03
UPSET_TILT = np.deg2rad(20.0)
_RESTING_SPEED = 0.05
_RESTING_HEIGHT_TOLERANCE = 0.01


@dataclass(frozen=True)
class EpisodeScore:
    """The verdict on an episode; fields as in ScoreEpisode.srv.

    Attributes:
        success: placed, released and the obstacle not upset.
        placed: the subject rests on its target.
        released: no finger touches the subject.
        obstacle_upset: the bottle moved by more than 3 cm or tilts by more than 20 degrees.
        placement_error: horizontal distance between the centres of subject and target [m].
    """

    placed: bool
    released: bool
    obstacle_upset: bool
    placement_error: float

    @property
    def success(self) -> bool:
        """Placed, released and the obstacle not upset."""
        return self.placed and self.released and not self.obstacle_upset

    @property
    def message(self) -> str:
        """The verdict as a sentence."""
        parts = [
            'the object rests on its target' if self.placed else 'the object is not on its target',
            'released' if self.released else 'still touched by a finger',
            'the bottle was knocked over' if self.obstacle_upset else 'the bottle stands',
        ]
        return '; '.join(parts)


def score_episode(
    model: mujoco.MjModel, data: mujoco.MjData, layout: SceneLayout
) -> EpisodeScore:
    """Judges the present state of an episode that began with layout."""
    subject, target = model.body(layout.subject).id, model.body(layout.target).id
    offset = data.xpos[subject] - data.xpos[target]
    touching = _touching(model, data, subject)
    fingers = {model.body(name).id for name in FINGER_BODIES}
    return EpisodeScore(
        placed=_rests_on(model, data, layout, offset) and target in touching,
        released=not touching & fingers,
        obstacle_upset=_is_upset(model, data, layout),
        placement_error=float(np.hypot(*offset[:2])),
    )


def _rests_on(
    model: mujoco.MjModel, data: mujoco.MjData, layout: SceneLayout, offset: np.ndarray
) -> bool:
    subject, target = item_named(layout.subject), item_named(layout.target)
    support = data.body(target.name).xpos[2] - target.extent[2] / 2 + target.support_height
    clearance = data.body(subject.name).xpos[2] - subject.extent[2] / 2 - support
    velocity = model.joint(subject.name).dofadr[0]
    speed = np.linalg.norm(data.qvel[velocity : velocity + 3])
    return bool(
        target.supports(offset[:2])
        and abs(clearance) <= _RESTING_HEIGHT_TOLERANCE
        and speed <= _RESTING_SPEED
    )


def _touching(model: mujoco.MjModel, data: mujoco.MjData, body: int) -> set[int]:
    """Numbers of the bodies in contact with a body."""
    contacts = data.contact.geom[: data.ncon]
    bodies = model.geom_bodyid[contacts].reshape(-1, 2)
    return {int(b) for a, b in np.vstack([bodies, bodies[:, ::-1]]) if a == body}


def _is_upset(model: mujoco.MjModel, data: mujoco.MjData, layout: SceneLayout) -> bool:
    for name in (item.name for item in CATALOGUE if item.kind is ObjectKind.OBSTACLE):
        position, rotation = object_pose(model, data, name)
        moved = np.linalg.norm(position - layout.positions[name]) > UPSET_DISTANCE
        tilted = np.arccos(np.clip(rotation[2, 2], -1.0, 1.0)) > UPSET_TILT
        if moved or tilted:
            return True
    return False


