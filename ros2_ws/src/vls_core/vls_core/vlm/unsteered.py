"""The last resort: nobody wrote a program that may steer, but it is known what goes where."""

from __future__ import annotations

from vls_core.rewards.program import RewardProgram
from vls_core.types import ObjectKind, Scene
from vls_core.vlm.author import AuthoredProgram
from vls_core.vlm.layout import pick_and_place
from vls_core.vlm.steps import OnStep

SOURCE = 'nobody: unsteered'


def unsteered(
    rejected: RewardProgram, scene: Scene, reason: str, record: OnStep
) -> AuthoredProgram | None:
    """A task to be watched but not steered, from what a rejected program is about.

    Nothing else of that program is kept. The stages are those of any pick and place.

    Returns:
        None unless subject and target are both in the scene, and fit to be moved and put on.
    """
    subject, target = rejected.subject, rejected.target
    if target is None or subject == target or not {subject, target} <= set(scene.names):
        return None
    if scene[subject].kind is not ObjectKind.GRASPABLE:
        return None
    if scene[target].kind is ObjectKind.OBSTACLE:
        return None
    step = f'runs unsteered: bring the {subject} to the {target} is all that is known'
    record(step)
    return AuthoredProgram(
        pick_and_place(subject, target, (), inside=False), SOURCE, (step,), degraded=reason,
        steerable=False,
    )
