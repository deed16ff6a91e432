"""Static checks of a reward program against a scene: what must hold before anything is evaluated.

That the rewards are finite, have a live gradient and rise towards the goal is for the numeric
verification to show (`verification/`); it begins with these.
"""

from __future__ import annotations

from vls_core.control.fr3 import DEFAULT_WORKSPACE, WorkspaceBox
from vls_core.rewards.check.contradictions import contradictions
from vls_core.rewards.check.kinds import wrong_kinds
from vls_core.rewards.check.names import unknown_names
from vls_core.rewards.check.order import bad_order
from vls_core.rewards.check.places import inside_obstacles, out_of_workspace, too_far
from vls_core.rewards.check.problems import Problem, ProgramRejectedError, Rule
from vls_core.rewards.check.purposes import undeclared_purposes
from vls_core.rewards.check.times import bad_times
from vls_core.rewards.program import RewardProgram
from vls_core.types import Scene

__all__ = ['Problem', 'ProgramRejectedError', 'Rule', 'check_program']


def check_program(
    program: RewardProgram, scene: Scene, workspace: WorkspaceBox = DEFAULT_WORKSPACE
) -> None:
    """Returns if the program may be published for this scene.

    Raises:
        ProgramRejectedError: with every problem found; unknown names hide all other problems.
    """
    problems = tuple(unknown_names(program, scene))
    if not problems:
        problems = (
            *undeclared_purposes(program),
            *wrong_kinds(program, scene),
            *out_of_workspace(program, scene, workspace),
            *inside_obstacles(program, scene),
            *too_far(program, workspace),
            *bad_times(program),
            *bad_order(program, scene),
            *contradictions(program, scene),
        )
    if problems:
        raise ProgramRejectedError(problems)
