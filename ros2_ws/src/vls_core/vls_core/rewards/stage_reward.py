"""The reward of one stage in one scene: a weighted sum of terms, each still visible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch

from vls_core.control.fr3 import DEFAULT_WORKSPACE, WorkspaceBox
from vls_core.rewards.arm_check import WholeArmCheck
from vls_core.rewards.goals import stays_clear_of
from vls_core.rewards.labels import term_labels
from vls_core.rewards.program import AvoidObstacles, Code, Grasp, GripperIntent, Stage, Term
from vls_core.rewards.signed_distance import SignedDistance, Union, scene_distance
from vls_core.rewards.terms import FUNCTIONS, avoid_obstacles, grasp, hand_clearance
from vls_core.trajectory import Trajectory
from vls_core.types import Grip, RobotState, Scene

WORKSPACE_TOLERANCE = 0.03
"""How far a plan may lead out of the workspace [m]; the bridge clamps what does."""

DROPPING = 0.5
"""Opening from which on what is held may fall, 0 closed to 1 open."""


class CodeUnavailableError(RuntimeError):
    """Terms in code cannot be evaluated now; the planner then steers with the other terms."""


class CodeEvaluator(Protocol):
    """Runs terms that are written in code; `code/evaluator.py` has two that do."""

    def __call__(self, term: Code, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
        """(B,) rewards <= 0, differentiable by the positions and the gripper of the trajectory.

        Raises:
            CodeUnavailableError: not now; for the planner it is the only error that is no defect.
        """


class CodeEvaluatorMissingError(ValueError):
    """A stage has a term written in code, and nothing to run it with."""

    def __init__(self, stage: str, term: str) -> None:
        super().__init__(f'"{stage}": "{term}" is written in code, and there is no evaluator')


@dataclass(frozen=True)
class StageReward:
    """Callable reward of a stage; 0 is perfect, the unit is the metre.

    Attributes:
        stage: the stage of the program.
        scene: the scene its names refer to; programs re-bind to where things are now.
        robot: where the arm is; with it the hard check is about the whole arm, without it about
            the hand alone.
        code: runs the terms that are written in code.
        surroundings: what was seen without a name, such as an `EsdfGrid` without the arm and what
            it handles; terms that avoid obstacles stay clear of it.
        grip: what the hand is about; taking hold goes on where it is.
        workspace: what no plan may lead out of by more than WORKSPACE_TOLERANCE.

    Raises:
        CodeEvaluatorMissingError: a term is written in code, and `code` is None.
    """

    stage: Stage
    scene: Scene
    robot: RobotState | None = None
    code: CodeEvaluator | None = None
    surroundings: SignedDistance | None = None
    grip: Grip = Grip.OPEN
    workspace: WorkspaceBox = DEFAULT_WORKSPACE

    def __post_init__(self) -> None:
        require_evaluator(self.stage, self.code)

    def __call__(self, trajectory: Trajectory) -> torch.Tensor:
        """(B,) weighted sum of all terms."""
        return self.terms(trajectory) @ self.weights(trajectory.positions)

    def terms(self, trajectory: Trajectory) -> torch.Tensor:
        """(B, number of terms) unweighted rewards."""
        return torch.stack([self._term(term, trajectory) for term in self.stage.terms], 1)

    def _term(self, term: Term, trajectory: Trajectory) -> torch.Tensor:
        if isinstance(term, Code) and self.code is not None:
            return self.code(term, self.scene, trajectory)
        if isinstance(term, AvoidObstacles):
            return avoid_obstacles(term, self.scene, trajectory, self.surroundings)
        if isinstance(term, Grasp):
            return grasp(term, self.scene, trajectory, self.grip)
        return FUNCTIONS[term.kind](term, self.scene, trajectory)

    def weights(self, like: torch.Tensor) -> torch.Tensor:
        """(number of terms,) weights of the program."""
        return like.new_tensor([term.weight for term in self.stage.terms])

    def passes(self, trajectory: Trajectory) -> torch.Tensor:
        """(B,) hard check: a plan stays within the workspace and clear of what is to be avoided,
        and does not drop what the stage is to keep hold of.

        Where the robot is known, that is the whole arm, which also has to be able to follow.
        """
        passing = self._within_workspace(trajectory) & ~self.collides(trajectory)
        if self.grip is Grip.HOLDING and self.stage.gripper is GripperIntent.CLOSED:
            passing = passing & (trajectory.gripper[:, 1:] < DROPPING).all(1)
        avoided, unnamed = stays_clear_of(self.stage, self.scene), self._unnamed
        if self.robot is not None and (avoided or unnamed) and passing.any():
            # No margin: the spheres stand 15 mm proud of the arm on average.
            check = WholeArmCheck(margin=0.0, surroundings=unnamed)
            passing = passing & check(trajectory, self.robot, self.scene, avoided).clear
        return passing

    def _within_workspace(self, trajectory: Trajectory) -> torch.Tensor:
        positions = trajectory.positions[:, 1:]
        lower = positions.new_tensor(self.workspace.lower) - WORKSPACE_TOLERANCE
        upper = positions.new_tensor(self.workspace.upper) + WORKSPACE_TOLERANCE
        return ((positions >= lower) & (positions <= upper)).all(2).all(1)

    def collides(self, trajectory: Trajectory) -> torch.Tensor:
        """(B,) whether the hand would touch something the stage is to stay clear of."""
        named = scene_distance(self.scene, stays_clear_of(self.stage, self.scene))
        shapes = named.shapes if self._unnamed is None else (*named.shapes, self._unnamed)
        return (hand_clearance(Union(shapes), trajectory) <= 0.0).any(1)

    @property
    def _unnamed(self) -> SignedDistance | None:
        """What is to be avoided beside objects."""
        avoids = any(isinstance(term, AvoidObstacles) for term in self.stage.terms)
        return self.surroundings if avoids else None

    @property
    def term_names(self) -> tuple[str, ...]:
        """A readable label for each term, in order; no two are the same."""
        return term_labels(self.stage)


def require_evaluator(stage: Stage, code: CodeEvaluator | None) -> None:
    """Raises CodeEvaluatorMissingError if the stage has terms in code and nothing runs them."""
    for term in stage.terms:
        if isinstance(term, Code) and code is None:
            raise CodeEvaluatorMissingError(stage.name, term.name)
