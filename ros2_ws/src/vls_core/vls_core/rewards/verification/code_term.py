"""Everything there is to check about one term written in code.

Meant to run in the worker process, where a term that takes too long or too much costs nothing but
the worker. What it gives back is plain data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

import torch

from vls_core.rewards.code.blocks import BLOCK, in_blocks
from vls_core.rewards.code.compiler import CompiledReward, compile_reward
from vls_core.rewards.code.dry_run import dry_run
from vls_core.rewards.code.errors import BudgetExceededError, RewardCodeError
from vls_core.rewards.verification import gradient, numeric
from vls_core.rewards.verification import samples as motions
from vls_core.rewards.verification.attention import heeds_the_end, with_any_gripper
from vls_core.rewards.verification.code_report import CodeTermReport
from vls_core.rewards.verification.company import (
    drawn_to_obstacles,
    undeclared,
    wants_nothing_else,
)
from vls_core.rewards.verification.declaration import (
    HOW_TO_DECLARE,
    Declaration,
    DeclarationError,
    read_declaration,
)
from vls_core.rewards.verification.distinction import distinguishes
from vls_core.rewards.verification.goal import Goal, Judge, leads_to_goal
from vls_core.rewards.verification.inference import infer
from vls_core.rewards.verification.layouts import (
    Keypoints,
    as_tensors,
    groups,
    invented,
    only,
    rearranged,
)
from vls_core.rewards.verification.lengths import leads_there_at_any_length
from vls_core.rewards.verification.obstacle import keeps_clear
from vls_core.rewards.verification.outcome import Outcome, any_failed, failed, passed, warning
from vls_core.rewards.verification.precision import holds_in_float32
from vls_core.rewards.verification.report import Check, Verdict
from vls_core.rewards.verification.rest import satisfied_at_rest
from vls_core.rewards.verification.scale import scale
from vls_core.rewards.verification.translation import translates
from vls_core.trajectory import Trajectory

ARRANGEMENTS = 3
"""In how many arrangements of the things a term is tried, the given one included."""
MOST_PLACES = 6
"""Round how many keypoints motions are made up."""
_MEANINGLESS_AFTER = frozenset({
    Check.SHAPE, Check.FINITE, Check.DETERMINISTIC, Check.INDEPENDENT, Check.GRADIENT,
    Check.BUDGET, Check.DEGENERATE,
})


def check_source(
    source: str,
    keypoints: dict[str, list[float]] | None,
    declaration: Declaration | None,
    seed: int = 0,
    subject: str = 'code',
    obstacles: frozenset[str] = frozenset(),
) -> CodeTermReport:
    """Checks a term; never raises for what is in it.

    Args:
        keypoints: (3,) every name the term may use [m]; None to make up places for those it uses.
        declaration: what it is for; None to read it in the docstring, or else to infer it.
        subject: what the findings are about.
        obstacles: names of keypoints of things of that kind.
    """
    examination = _Examination(
        source, declaration, seed + _seed_of(source, keypoints), obstacles
    )
    examination.run(keypoints)
    return CodeTermReport(
        tuple(outcome.about(subject) for outcome in examination.outcomes),
        examination.scale, examination.declaration,
        {name: tuple(where.tolist()) for name, where in examination.keypoints.items()},
    )


class _Examination:
    """The checks of one term, in order, and what is known so far."""

    def __init__(
        self, source: str, declaration: Declaration | None, seed: int, obstacles: frozenset[str]
    ) -> None:
        self._source = source
        self._asked = declaration
        self._seed = seed
        self.outcomes: list[Outcome] = []
        self.scale: float | None = None
        self.declaration = declaration or Declaration()
        self.keypoints: Keypoints = {}
        self._obstacles = obstacles
        self._gradients: gradient.Gradients | None = None

    def run(self, keypoints: dict[str, list[float]] | None) -> None:
        """Makes all checks that have a meaning."""
        compiled = self._compile()
        if compiled is None or not self._read_declaration(compiled):
            return
        if not self._bind(compiled, keypoints) or not self._fits(compiled):
            return
        self._check_numbers(compiled)
        if not any(
            item.verdict is Verdict.FAILED and item.check in _MEANINGLESS_AFTER
            for item in self.outcomes
        ):
            self._check_meaning(compiled)

    def _compile(self) -> CompiledReward | None:
        try:
            compiled = compile_reward(self._source)
        except RewardCodeError as error:
            self.outcomes.append(failed(_blamed(error), str(error)))
            return None
        self.outcomes.append(passed(Check.SYNTAX, f'{compiled.operations} operations at most'))
        return compiled

    def _read_declaration(self, compiled: CompiledReward) -> bool:
        if self._asked is not None:
            return True
        try:
            self.declaration = read_declaration(compiled.docstring)
        except DeclarationError as error:
            self.outcomes.append(failed(Check.GOAL, str(error)))
            return False
        return True

    def _bind(
        self, compiled: CompiledReward, keypoints: dict[str, list[float]] | None
    ) -> bool:
        """Finds a place for every name. Without any given, all names are good."""
        needed = {*compiled.keypoints, *self.declaration.names}
        if keypoints is None:
            keypoints = invented(needed, self._seed)
        unknown = sorted(needed - keypoints.keys())
        if unknown:
            self.outcomes.append(failed(
                Check.NAMES,
                f'there is no {_listed(unknown)} in the scene; known: {_listed(keypoints)}',
            ))
            return False
        self.keypoints = as_tensors(keypoints)
        self._own = only(self.keypoints, sorted(needed))
        self.outcomes.append(passed(Check.NAMES, _listed(sorted(needed)) or 'none are used'))
        return True

    def _fits(self, compiled: CompiledReward) -> bool:
        """Whether an evaluation is affordable and its shapes go together; takes no memory."""
        try:
            dry_run(compiled, self.keypoints, BLOCK, motions.STEPS)
        except RewardCodeError as error:
            self.outcomes.append(failed(_blamed(error), str(error)))
            return False
        return True

    def _check_numbers(self, compiled: CompiledReward) -> None:
        places = self._places_that_matter(compiled)
        samples = motions.motions(only(self.keypoints, places), self._seed)
        points = self.keypoints

        def whole(trajectory: Trajectory) -> torch.Tensor:
            return compiled(points, trajectory.positions, trajectory.gripper)

        def reward(trajectory: Trajectory) -> torch.Tensor:
            return in_blocks(compiled, points, trajectory.positions, trajectory.gripper)

        with torch.no_grad():
            if not self._checked(Check.SHAPE, lambda: numeric.shape(whole, samples)):
                if self._survives(lambda: numeric.mixes_particles(whole, samples)):
                    self.outcomes.append(failed(
                        Check.INDEPENDENT, 'it reduces over particles: each has its own reward'
                    ))
                return
            values = reward(samples)
            if not self._checked(Check.FINITE, lambda: numeric.finite(values)):
                return
            spread = numeric.spread_of(values)
            self._checked(Check.RANGE, lambda: numeric.never_positive(values, spread))
            self._checked(
                Check.DETERMINISTIC, lambda: numeric.deterministic(reward, samples, values)
            )
            if not self._checked(
                Check.INDEPENDENT, lambda: numeric.independent(reward, samples, values)
            ):
                return
            self._check_other_length(reward, samples)
        self._check_gradients(reward, samples)

    def _check_other_length(self, reward: numeric.Reward, samples: Trajectory) -> None:
        problem = 'with fewer steps it fails'
        try:
            outcome = numeric.any_length(reward, samples)
            problem = '' if outcome is None else outcome.text
        except RewardCodeError as error:
            problem += f': {error}'
        if problem:
            self.outcomes.append(warning(
                Check.SHAPE, f'{problem}; chunks have {motions.STEPS} steps here, not everywhere'
            ))

    def _check_gradients(self, reward: numeric.Reward, samples: Trajectory) -> None:
        found = self._gradients = gradient.differentiate(reward, samples)
        if not found.finite.all():
            self.outcomes.append(failed(
                Check.FINITE, 'its gradient is infinite or not a number for ordinary motions'
            ))
            return
        live = self._checked(Check.GRADIENT, lambda: gradient.live(found))
        if self._checked(
            Check.DERIVATIVE, lambda: gradient.true_derivative(reward, samples, self._seed)
        ):
            self._checked(
                Check.DERIVATIVE, lambda: holds_in_float32(reward, samples, self._seed)
            )
        goal = self.declaration.goal
        special = {} if goal is None else {f'the goal {goal}': goal.place(self.keypoints)}
        self._checked(
            Check.DEGENERATE, lambda: gradient.degenerate(reward, self._own, special)
        )
        if live:
            measured = scale(reward, samples, found, self._seed)
            self.scale = measured.per_metre
            self.outcomes.append(measured.outcome)

    def _check_meaning(self, compiled: CompiledReward) -> None:
        places = self._places_that_matter(compiled)
        layouts = self._layouts()

        def judge(points: Keypoints, trajectory: Trajectory) -> torch.Tensor:
            return in_blocks(compiled, points, trajectory.positions, trajectory.gripper)

        self._checked(
            Check.TRANSLATION, lambda: translates(judge, layouts, places, self._seed)
        )
        if self.declaration.empty and not self._infer(compiled, judge, layouts):
            return
        goal, obstacle = self.declaration.goal, self.declaration.obstacle
        if goal is not None and self._checked(
            Check.GOAL, lambda: leads_to_goal(judge, goal, layouts, places, self._seed)
        ):
            self._check_goal_closely(judge, goal, layouts, places)
            self._checked(Check.GOAL, lambda: leads_there_at_any_length(
                judge, goal, layouts, compiled.operations, self._seed
            ))
        if obstacle is not None and self._checked(
            Check.OBSTACLE, lambda: keeps_clear(judge, obstacle, layouts, places, self._seed)
        ) and goal is None:
            self._checked(Check.OBSTACLE, lambda: wants_nothing_else(
                judge, obstacle, compiled.keypoints, layouts, self._seed
            ))
        self._check_company(compiled, judge, layouts)

    def _check_company(
        self, compiled: CompiledReward, judge: Judge, layouts: list[Keypoints]
    ) -> None:
        drawn = drawn_to_obstacles(
            judge, compiled.keypoints, self._obstacles, layouts, self._seed
        )
        if drawn is not None:
            self.outcomes.append(drawn)
        others = undeclared(compiled.keypoints, self.declaration, self.keypoints)
        # Of a term that is rejected there is more to be said than that.
        if others is not None and not any_failed(self.outcomes):
            self.outcomes.append(others)

    def _check_goal_closely(
        self, judge: Judge, goal: Goal, layouts: list[Keypoints], places: tuple[str, ...]
    ) -> None:
        outcomes: list[Outcome | None] = []

        def examine() -> Outcome:
            if self._gradients is not None:
                outcomes.append(heeds_the_end(self._gradients))
            outcomes.extend(distinguishes(
                judge, goal, layouts, places, self._seed, self._obstacles
            ))
            return with_any_gripper(judge, goal, layouts, self._seed)

        self._checked(Check.GOAL, examine)
        self.outcomes += [outcome for outcome in outcomes if outcome is not None]

    def _infer(self, compiled: CompiledReward, judge: Judge, layouts: list[Keypoints]) -> bool:
        """Whether it is known what the term is for; says so if it had to be inferred."""
        if self._asked is not None:
            self.outcomes.append(failed(
                Check.GOAL, 'it declares neither a goal nor an obstacle: give one of the two'
            ))
            return False
        if not compiled.keypoints:
            self.outcomes.append(satisfied_at_rest(judge, self.keypoints, self._seed))
            return False
        self.declaration = infer(judge, compiled.keypoints, layouts, self._seed)
        goal, obstacle = self.declaration.goal, self.declaration.obstacle
        if self.declaration.empty:
            self.outcomes.append(failed(
                Check.GOAL,
                f'it declares nothing, and what it is for cannot be inferred: {HOW_TO_DECLARE}',
            ))
            return False
        check, what = (
            (Check.GOAL, f'goal: {goal}') if goal is not None
            else (Check.OBSTACLE, f'obstacle: "{obstacle}"')
        )
        self.outcomes.append(warning(
            check, f'nothing is declared; inferred from how it behaves: {what}. Whether that is '
            'what is wanted cannot be told',
        ))
        return True

    def _layouts(self) -> list[Keypoints]:
        return [self.keypoints, *(
            rearranged(self.keypoints, self._seed + number)
            for number in range(1, ARRANGEMENTS)
        )]

    def _places_that_matter(self, compiled: CompiledReward) -> tuple[str, ...]:
        """Names of keypoints to make up motions around: used or declared ones, then others."""
        first = dict.fromkeys((*self.declaration.names, *compiled.keypoints))
        owners = groups(self.keypoints)
        mine = {owners[name] for name in first}
        others = {
            owner: name for name, owner in sorted(owners.items(), reverse=True)
            if owner not in mine
        }
        return tuple([*first, *others.values()][:MOST_PLACES])

    def _checked(self, check: Check, make: Callable[[], Outcome]) -> bool:
        """Adds the outcome of a check; whether it did not fail."""
        try:
            outcome = make()
        except RewardCodeError as error:
            outcome = failed(check, f'it cannot be evaluated: {error}')
        self.outcomes.append(outcome)
        return outcome.verdict is not Verdict.FAILED

    @staticmethod
    def _survives(question: Callable[[], bool]) -> bool:
        try:
            return question()
        except RewardCodeError:
            return False


def _seed_of(source: str, keypoints: dict[str, list[float]] | None) -> int:
    """Another one for every term and scene: no term can be written for the samples it meets."""
    text = repr((source, sorted((keypoints or {}).items())))
    return int.from_bytes(hashlib.sha256(text.encode('utf-8', 'surrogatepass')).digest()[:4])


def _listed(names: Iterable[str]) -> str:
    listed = [f'"{name}"' for name in names]
    return ', '.join(listed[:12]) + (', ...' if len(listed) > 12 else '')


def _blamed(error: RewardCodeError) -> Check:
    return Check.BUDGET if isinstance(error, BudgetExceededError) else Check.SYNTAX
