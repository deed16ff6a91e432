"""Whether the terms of a stage go together: numbers and gradient of their weighted sum.

Each vetted term is held to the same by its own tests, so that here it is about what weights and
combinations do. Finite differences are left out: some vetted terms hold a factor fixed on purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch

from vls_core.rewards.goals import goals, stays_clear_of
from vls_core.rewards.keypoints import positions
from vls_core.rewards.labels import term_labels
from vls_core.rewards.program import Stage
from vls_core.rewards.stage_reward import CodeEvaluator, StageReward
from vls_core.rewards.verification import gradient, numeric
from vls_core.rewards.verification import samples as motions
from vls_core.rewards.verification.arrivals import arriving, with_gripper_use
from vls_core.rewards.verification.bound_term import MOST_PLACES
from vls_core.rewards.verification.layouts import Keypoints, as_tensors
from vls_core.rewards.verification.outcome import Outcome, any_failed, failed, passed
from vls_core.rewards.verification.purpose import places_apart, pointless_weights
from vls_core.rewards.verification.report import Check
from vls_core.rewards.verification.scale import CENTIMETRE, scale
from vls_core.trajectory import Trajectory
from vls_core.types import Scene

ELSEWHERE = 0.10
"""Places this close to a goal of the stage are not counted as others [m]."""
MOST_GOALS = 8
"""Places that a stage is led to for comparison."""


def check_stage(
    stage: Stage, scene: Scene, code: CodeEvaluator | None, seed: int = 0,
    go_on: Callable[[], None] = lambda: None,
) -> tuple[list[Outcome], dict[str, float]]:
    """Outcomes about the whole stage, and the scale of each of its terms by label [1/m].

    Args:
        go_on: called between the checks; raises if there shall be no more.

    Raises:
        RewardCodeError, WorkerError: from the evaluator of terms in code.
    """
    reward = StageReward(stage, scene, code=code)
    places = _places(stage, scene)
    samples = motions.motions(places, seed)
    outcomes = [*pointless_weights(stage), *places_apart(stage, scene)]

    def add(make: Callable[[], Outcome]) -> bool:
        go_on()
        outcomes.append(make())
        return not any_failed(outcomes[-1:])

    with torch.no_grad():
        if not add(lambda: numeric.shape(reward, samples)):
            return outcomes, {}
        terms = reward.terms(samples)
        values = reward(samples)
        if not add(lambda: numeric.finite(values)):
            return outcomes, {}
        add(lambda: numeric.never_positive(values, numeric.spread_of(values)))
        add(lambda: numeric.deterministic(reward, samples, values))
        add(lambda: numeric.independent(reward, samples, values))
    found = gradient.differentiate(reward, samples)
    if add(lambda: gradient.live(found)):
        heaviest = max(term.weight for term in stage.terms)
        outcomes.append(scale(reward, samples, found, seed, heaviest).outcome)
    add(lambda: gradient.degenerate(reward, places, {}))
    go_on()
    outcomes += _leads_somewhere(stage, scene, reward, seed)
    return outcomes, _scales(reward, samples, terms)


def _places(stage: Stage, scene: Scene) -> Keypoints:
    """Round what motions are made up: where the stage goes, and what it stays clear of."""
    known = positions(scene)
    names: dict[str, None] = {}
    for term in stage.terms:
        names |= dict.fromkeys(goal.name for goal in goals(term, scene))
    names |= dict.fromkeys(stays_clear_of(stage, scene))
    for term in stage.terms:
        keypoint = getattr(term, 'keypoint', None)
        if keypoint is not None:
            names[keypoint] = None
    return as_tensors({name: known[name] for name in list(names)[:MOST_PLACES]})


def _scales(
    reward: StageReward, samples: Trajectory, terms: torch.Tensor
) -> dict[str, float]:
    """Median change of each term for each metre that the whole motion is moved by."""
    changes = []
    with torch.no_grad():
        for axis in torch.eye(3):
            moved = Trajectory(
                samples.positions + CENTIMETRE * axis, samples.gripper, samples.step_duration,
                samples.rotations,
            )
            changes.append((reward.terms(moved) - terms).abs())
    largest = torch.stack(changes).amax(0) / CENTIMETRE
    found = {}
    for label, column, own in zip(term_labels(reward.stage), largest.T, terms.T, strict=True):
        acting = own < 0
        found[label] = float(column[acting].median()) if acting.any() else 0.0
    return found


def _leads_somewhere(
    stage: Stage, scene: Scene, reward: StageReward, seed: int
) -> Iterable[Outcome]:
    """Whether the terms together are best where the stage goes, if it goes anywhere."""
    places = _best_places(stage, scene, reward)
    if not places:
        return
    source = motions.generator(seed)
    starts = motions.points_in_workspace(12, source)
    around = {str(index): place for index, place in enumerate(places)}
    apart = torch.stack([(starts - place).norm(dim=1) for place in places]).amin(0)
    elsewhere = starts[apart > ELSEWHERE]
    if len(elsewhere) == 0:
        return
    with torch.no_grad():
        # None is improved along the gradient: that makes up for all but the last step.
        arrivals = torch.cat([
            reward(with_gripper_use(arriving(place, starts, around))) for place in places
        ])
        others = torch.cat([
            reward(with_gripper_use(motions.standing(elsewhere))),
            reward(with_gripper_use(motions.lines(elsewhere, elsewhere.roll(1, 0)))),
        ])
    there, best = float(arrivals.max()), float(others.max())
    tolerance = numeric.UNSATISFIED * numeric.spread_of(torch.cat([arrivals, others]))
    if best > there + tolerance:
        yield failed(
            Check.GOAL,
            f'its terms together are better elsewhere ({best:.3g}) than at any of its goals '
            f'({there:.3g}): they work against each other',
        )
    else:
        yield passed(Check.GOAL, 'its terms together are best where it leads')


def _best_places(stage: Stage, scene: Scene, reward: StageReward) -> list[torch.Tensor]:
    """Where the stage goes, (3,) [m]; of very many places, those where it is best to stand."""
    goals_of_all = {
        tuple(goal.position.tolist()): None
        for term in stage.terms if term.weight > 0 for goal in goals(term, scene)
    }
    places = torch.tensor(list(goals_of_all), dtype=torch.float32).reshape(-1, 3)
    if len(places) > MOST_GOALS:
        with torch.no_grad():
            values = reward(with_gripper_use(motions.standing(places)))
        best = values.reshape(-1, len(places)).amax(0).topk(MOST_GOALS).indices
        places = places[best.sort().values]
    return list(places)
