"""The verifier: nothing that an author wrote moves an arm before it has been here.

Static rules first, then terms written in code, each in the worker under a deadline, then the
stages as a whole in this process. What is wrong with a program becomes findings, never an
exception.
"""

from __future__ import annotations

import hashlib
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
from vls_core.rewards.code.checking import check_in_worker
from vls_core.rewards.code.compiler import compile_reward
from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.code.evaluator import SandboxedEvaluator
from vls_core.rewards.code.worker import (
    Worker,
    WorkerDiedError,
    WorkerFailedError,
    WorkerTimeoutError,
)
from vls_core.rewards.keypoints import positions
from vls_core.rewards.labels import term_labels
from vls_core.rewards.program import Code, Elapsed, RewardProgram, Stage, scene_hash
from vls_core.rewards.program_file import BareCode, Submission
from vls_core.rewards.verification.code_report import CodeTermReport
from vls_core.rewards.verification.declaration import Declaration, declaration_of
from vls_core.rewards.verification.reachable import reachable, reachable_somewhere
from vls_core.rewards.verification.report import Check, Finding, Verdict, VerificationReport
from vls_core.rewards.verification.scenery import scene_for, scene_of_places
from vls_core.rewards.verification.stage import check_stage
from vls_core.types import Scene

DEADLINE = 2.0
"""How long the checks of one term in code may take in the worker [s]."""
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

    Raises (from any call):
        WorkerDiedError: no worker can be started on this machine.
    """

    def __init__(
        self,
        workspace: WorkspaceBox = DEFAULT_WORKSPACE,
        worker_factory: Callable[[], Worker] = Worker,
        deadline: float = DEADLINE,
    ) -> None:
        self._workspace = workspace
        self._worker_factory = worker_factory
        self._deadline = deadline
        self._worker: Worker | None = None

    @property
    def worker(self) -> Worker:
        """The worker, made on first use."""
        if self._worker is None:
            self._worker = self._worker_factory()
            self._worker.start()
        return self._worker

    def close(self) -> None:
        """Ends the worker, if there is one."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __call__(self, program: RewardProgram, scene: Scene) -> VerificationReport:
        """The report on a whole program for a scene."""
        findings = list(self._static(program, scene))
        scales: dict[str, float] = {}
        if not any(item.check is Check.NAMES and _fails(item) for item in findings):
            for stage in program.stages:
                self._check(stage, scene, findings, scales)
        return VerificationReport(
            program.content_hash, scene_hash(scene), tuple(findings), scales
        )

    def without_scene(self, program: RewardProgram) -> VerificationReport:
        """The report on a program of which the scene is not known: names are taken as they are."""
        scene = scene_for(program)
        report = self(program, scene)
        note = Finding(
            Check.NAMES, Verdict.WARNING, PROGRAM,
            f'no scene is given: tried with {len(scene.objects)} things at made-up places',
        )
        return replace(report, findings=(note, *report.findings))

    def stage(self, stage: Stage, scene: Scene | None) -> VerificationReport:
        """The report on a single stage, of which nobody knows what comes before or after it."""
        alone = RewardProgram(subject=_anything(stage), stages=(stage,))
        known = scene_for(alone) if scene is None else scene
        problems = [*unknown_names(alone, known)] if alone.subject != NOTHING else []
        if not problems:
            problems = [
                *undeclared_purposes(alone),
                *out_of_workspace(alone, known, self._workspace),
                *inside_obstacles(alone, known), *contradictions(alone, known),
            ]
        findings = [_finding_of(item) for item in problems]
        scales: dict[str, float] = {}
        if not any(item.check is Check.NAMES for item in findings):
            self._check(stage, known, findings, scales)
        return VerificationReport(
            alone.content_hash, scene_hash(known), tuple(findings), scales
        )

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
        places = None if scene is None else _places(scene)
        found = self._examine(source, places, None, subject)
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

    def _static(self, program: RewardProgram, scene: Scene) -> Iterator[Finding]:
        try:
            check_program(program, scene, self._workspace)
        except ProgramRejectedError as error:
            yield from map(_finding_of, error.problems)
        else:
            yield Finding(Check.STATIC, Verdict.PASSED, PROGRAM, 'keeps every rule')

    def _check(
        self, stage: Stage, scene: Scene, findings: list[Finding], scales: dict[str, float]
    ) -> None:
        """Adds what there is to say about a stage."""
        sound = True
        for term, label in zip(stage.terms, term_labels(stage), strict=True):
            if not isinstance(term, Code):
                continue
            subject = f'{stage.name} / {label}'
            found = self._examine(term.source, _places(scene), declaration_of(term), subject)
            findings += found.findings
            sound &= found.accepted
            if found.scale is not None:
                scales[subject] = found.scale
        if not sound:
            findings.append(Finding(
                Check.STATIC, Verdict.SKIPPED, stage.name,
                'its terms are not tried together while one of them is rejected',
            ))
            return
        try:
            evaluator = None
            if any(isinstance(term, Code) for term in stage.terms):
                evaluator = SandboxedEvaluator(self.worker, self._deadline)
            outcomes, found_scales = check_stage(stage, scene, evaluator)
        except (RewardCodeError, WorkerTimeoutError, WorkerDiedError, WorkerFailedError) as error:
            findings.append(Finding(Check.BUDGET, Verdict.FAILED, stage.name, str(error)))
            return
        findings += [outcome.about(stage.name) for outcome in outcomes]
        scales |= {
            f'{stage.name} / {label}': value for label, value in found_scales.items()
            if f'{stage.name} / {label}' not in scales
        }

    def _examine(
        self, source: str, places: dict[str, list[float]] | None,
        declaration: Declaration | None, subject: str,
    ) -> CodeTermReport:
        """Everything about one term in code, from the worker."""
        try:
            # Most of what is not allowed is refused here, without waiting for a process.
            compile_reward(source)
        except RewardCodeError as error:
            failure = Finding(Check.SYNTAX, Verdict.FAILED, subject, str(error))
            return CodeTermReport((failure,), None, declaration or Declaration(), {})
        worker = self.worker
        # Waits until there is one: that it cannot be started is not the fault of the program.
        _ = worker.process_id
        try:
            return check_in_worker(
                worker, source, places, declaration, subject=subject, deadline=self._deadline
            )
        except WorkerTimeoutError:
            text = f'not checked within {self._deadline:g} s: write fewer and smaller operations'
        except WorkerDiedError:
            text = 'it ended the process that tried it'
        except (WorkerFailedError, RewardCodeError) as error:
            text = f'it could not be tried: {error}'
        failure = Finding(Check.BUDGET, Verdict.FAILED, subject, text)
        return CodeTermReport((failure,), None, declaration or Declaration(), {})


def _finding_of(problem: Problem) -> Finding:
    check = _CHECK_OF_RULE.get(problem.rule, Check.STATIC)
    rule = f'{problem.rule.value}: ' if check is Check.STATIC else ''
    return Finding(check, Verdict.FAILED, PROGRAM, rule + problem.text)


def _anything(stage: Stage) -> str:
    """Something a stage speaks of, so that it can be looked at as a program."""
    alone = RewardProgram(subject=NOTHING, stages=(stage,))
    return min(alone.names - {NOTHING}, default=NOTHING).partition('.')[0]


def _places(scene: Scene) -> dict[str, list[float]]:
    return {name: where.tolist() for name, where in positions(scene).items()}


def _fails(finding: Finding) -> bool:
    return finding.verdict is Verdict.FAILED
