"""The verifier: nothing that an author wrote moves an arm before it has been here.

Static rules first, then terms written in code, each in the worker under a deadline, then the
stages as a whole in this process. What is wrong with a program becomes findings, never an
exception.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import TracebackType
from typing import Self

from vls_core.control.fr3 import DEFAULT_WORKSPACE, WorkspaceBox
from vls_core.rewards.check import Problem, ProgramRejectedError, Rule, check_program
from vls_core.rewards.check.contradictions import contradictions
from vls_core.rewards.check.names import unknown_names
from vls_core.rewards.check.places import inside_obstacles, out_of_workspace
from vls_core.rewards.check.purposes import undeclared_purposes
from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.code.worker import (
    Worker,
    WorkerDiedError,
    WorkerFailedError,
    WorkerTimeoutError,
)
from vls_core.rewards.labels import term_labels
from vls_core.rewards.program import (
    Code,
    Elapsed,
    RewardProgram,
    Stage,
    scene_hash,
)
from vls_core.rewards.program_file import BareCode, Submission
from vls_core.rewards.verification.deadline import Deadline, OutOfTimeError
from vls_core.rewards.verification.declaration import declaration_of
from vls_core.rewards.verification.examiner import (
    CodeExaminer,
    obstacle_keypoints,
    while_there_is_time,
)
from vls_core.rewards.verification.outcome import Outcome
from vls_core.rewards.verification.reachable import reachable, reachable_somewhere
from vls_core.rewards.verification.report import Check, Finding, Verdict, VerificationReport
from vls_core.rewards.verification.run import OverBudgetError, Run, places_of
from vls_core.rewards.verification.scenery import (
    TooManyNamesError,
    scene_for,
    scene_of_places,
)
from vls_core.rewards.verification.stage import check_stage
from vls_core.types import Scene

DEADLINE = 2.0
"""How long the checks of one term in code may take in the worker [s]."""
PROGRAM_DEADLINE = 10.0
"""How long a program may take in all, once there is a worker [s]."""
PROGRAM = 'program'
NOTHING = 'nothing'
_CHECK_OF_RULE = {
    Rule.NAME: Check.NAMES,
    Rule.WORKSPACE: Check.REACHABLE,
    Rule.BLOCKED: Check.REACHABLE,
    Rule.PURPOSE: Check.GOAL,
}


class ProgramVerifier:
    """A `Verifier`. Starts its worker when the first term in code comes; close it after use.

    Args:
        workspace: where the end effector may be sent.
        worker_factory: makes the process that tries terms in code.
        deadline: how long the checks of one such term may take [s].
        program_deadline: how long those of a program may take [s]; it is rejected if they take
            longer.
        clock: monotonic [s].

    Raises (from any call):
        WorkerDiedError: no worker can be started on this machine.
    """

    def __init__(
        self,
        workspace: WorkspaceBox = DEFAULT_WORKSPACE,
        worker_factory: Callable[[], Worker] = Worker,
        deadline: float = DEADLINE,
        program_deadline: float = PROGRAM_DEADLINE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._workspace = workspace
        self._examine = CodeExaminer(worker_factory, deadline)
        self._program_deadline = program_deadline
        self._clock = clock

    @property
    def worker(self) -> Worker:
        """The worker, made on first use."""
        return self._examine.worker

    def close(self) -> None:
        """Ends the worker, if there is one."""
        self._examine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __call__(self, program: RewardProgram, scene: Scene) -> VerificationReport:
        """The report on a whole program for a scene."""
        return self._program(program, scene, Deadline(self._program_deadline, self._clock))

    def without_scene(self, program: RewardProgram) -> VerificationReport:
        """The report on a program of which the scene is not known: names are taken as they are."""
        deadline = Deadline(self._program_deadline, self._clock)
        try:
            scene = scene_for(program)
        except TooManyNamesError as error:
            return _too_many_names(program, error)
        report = self._program(program, scene, deadline)
        note = Finding(
            Check.NAMES, Verdict.WARNING, PROGRAM,
            f'no scene is given: tried with {len(scene.objects)} things at made-up places',
        )
        return replace(report, findings=(note, *report.findings))

    def stage(self, stage: Stage, scene: Scene | None) -> VerificationReport:
        """The report on a single stage, of which nobody knows what comes before or after it."""
        alone = RewardProgram(subject=_anything(stage), stages=(stage,))
        deadline = Deadline(self._program_deadline, self._clock)
        try:
            known = scene_for(alone) if scene is None else scene
        except TooManyNamesError as error:
            return _too_many_names(alone, error)
        problems = [*unknown_names(alone, known)] if alone.subject != NOTHING else []
        if not problems:
            problems = [
                *undeclared_purposes(alone),
                *out_of_workspace(alone, known, self._workspace),
                *inside_obstacles(alone, known), *contradictions(alone, known),
            ]
        run = Run(known, deadline)
        run.findings += map(_finding_of, problems)
        return self._checked(alone, run)

    def submission(self, submitted: Submission, scene: Scene | None) -> VerificationReport:
        """The report on whatever a file holds."""
        match submitted:
            case BareCode():
                return self.code(submitted.source, scene)
            case RewardProgram():
                if scene is None:
                    return self.without_scene(submitted)
                return self(submitted, scene)
            case Stage():
                return self.stage(submitted, scene)
        return self.stage(
            Stage(name='term', terms=(submitted,), completion=(Elapsed(),)), scene
        )

    def code(
        self, source: str, scene: Scene | None, subject: str = 'code'
    ) -> VerificationReport:
        """The report on a bare term; without a scene, its names are taken as they are."""
        places = None if scene is None else places_of(scene)
        deadline = Deadline(self._program_deadline, self._clock)
        found = self._examine(
            source, places, None, subject, deadline, obstacle_keypoints(scene)
        )
        findings = list(found.findings)
        if found.keypoints and scene is None:
            findings.insert(0, Finding(
                Check.NAMES, Verdict.WARNING, subject,
                f'no scene is given: {len(found.keypoints)} keypoints are tried at made-up places',
            ))
        goal = found.declaration.goal
        if goal is not None and goal.keypoint in found.keypoints:
            outcome = (
                reachable_somewhere(goal, found.keypoints[goal.keypoint], self._workspace)
                if scene is None else reachable(goal, scene, self._workspace)
            )
            findings.append(outcome.about(subject))
        known = scene if scene is not None else scene_of_places(found.keypoints)
        return VerificationReport(
            hashlib.sha256(source.encode('utf-8', 'surrogatepass')).hexdigest(),
            scene_hash(known), tuple(findings),
            {} if found.scale is None else {subject: found.scale},
        )

    def _program(
        self, program: RewardProgram, scene: Scene, deadline: Deadline
    ) -> VerificationReport:
        run = Run(scene, deadline)
        run.findings += self._static(program, scene)
        return self._checked(program, run)

    def _checked(self, program: RewardProgram, run: Run) -> VerificationReport:
        """The report, with what there is to say about the stages if their names are known."""
        if not any(item.check is Check.NAMES and _fails(item) for item in run.findings):
            self._check(program.stages, run)
        return run.report(program)

    def _static(self, program: RewardProgram, scene: Scene) -> Iterator[Finding]:
        try:
            check_program(program, scene, self._workspace)
        except ProgramRejectedError as error:
            yield from map(_finding_of, error.problems)
        else:
            yield Finding(Check.STATIC, Verdict.PASSED, PROGRAM, 'keeps every rule')

    def _check(self, stages: tuple[Stage, ...], run: Run) -> None:
        """Adds what there is to say about stages, until one is found that takes too long."""
        try:
            for stage in stages:
                run.deadline.require()
                self._check_stage(stage, run)
        except OutOfTimeError as error:
            run.add(Check.BUDGET, Verdict.FAILED, PROGRAM, str(error))
        except OverBudgetError:
            run.add(
                Check.BUDGET, Verdict.SKIPPED, PROGRAM,
                'what comes after the first term that takes too much is not tried',
            )

    def _check_stage(self, stage: Stage, run: Run) -> None:
        accepted = [
            self._check_code(term, f'{stage.name} / {label}', run)
            for term, label in zip(stage.terms, term_labels(stage), strict=True)
            if isinstance(term, Code)
        ]
        if not all(accepted):
            run.add(
                Check.STATIC, Verdict.SKIPPED, stage.name,
                'its terms are not tried together while one of them is rejected',
            )
            return
        try:
            outcomes, scales = self._tried_together(stage, run)
        except (RewardCodeError, WorkerTimeoutError, WorkerDiedError, WorkerFailedError) as error:
            run.add(Check.BUDGET, Verdict.FAILED, stage.name, str(error))
            raise OverBudgetError from error
        run.findings += [outcome.about(stage.name) for outcome in outcomes]
        for label, value in scales.items():
            run.scales.setdefault(f'{stage.name} / {label}', value)

    def _tried_together(
        self, stage: Stage, run: Run
    ) -> tuple[list[Outcome], dict[str, float]]:
        """What `check_stage` finds, once for stages of the same terms. Raises what it raises."""
        if stage.terms not in run.stages:
            evaluator = None
            if any(isinstance(term, Code) for term in stage.terms):
                evaluator = while_there_is_time(self._examine.evaluator, run.deadline)
            run.stages[stage.terms] = check_stage(
                stage, run.scene, evaluator, go_on=run.deadline.require
            )
        return run.stages[stage.terms]

    def _check_code(self, term: Code, subject: str, run: Run) -> bool:
        """Whether a term is accepted; terms that say the same are tried once.

        Raises OverBudgetError, with the reason among the findings.
        """
        declaration = declaration_of(term)
        key = term.source, declaration
        if key not in run.terms:
            run.deadline.require()
            run.terms[key] = self._examine(
                term.source, run.places, declaration, subject, run.deadline,
                obstacle_keypoints(run.scene),
            )
        found = run.terms[key]
        findings = [replace(item, subject=subject) for item in found.findings]
        run.findings += findings
        if any(item.check is Check.BUDGET and _fails(item) for item in findings):
            raise OverBudgetError
        if found.scale is not None:
            run.scales[subject] = found.scale
        return found.accepted


def _finding_of(problem: Problem) -> Finding:
    check = _CHECK_OF_RULE.get(problem.rule, Check.STATIC)
    rule = f'{problem.rule.value}: ' if check is Check.STATIC else ''
    return Finding(check, Verdict.FAILED, PROGRAM, rule + problem.text)


def _too_many_names(program: RewardProgram, error: TooManyNamesError) -> VerificationReport:
    failure = Finding(Check.NAMES, Verdict.FAILED, PROGRAM, str(error))
    return VerificationReport(program.content_hash, '', (failure,))


def _anything(stage: Stage) -> str:
    """Something a stage speaks of, so that it can be looked at as a program."""
    alone = RewardProgram(subject=NOTHING, stages=(stage,))
    return min(alone.names - {NOTHING}, default=NOTHING).partition('.')[0]


def _fails(finding: Finding) -> bool:
    return finding.verdict is Verdict.FAILED
