"""One term written in code, tried where it can do no harm."""

from __future__ import annotations

from collections.abc import Callable

import torch

from vls_core.rewards.code.checking import LOADED, check_in_worker
from vls_core.rewards.code.compiler import compile_reward
from vls_core.rewards.code.errors import BudgetExceededError, RewardCodeError
from vls_core.rewards.code.evaluator import SandboxedEvaluator
from vls_core.rewards.code.worker import (
    Worker,
    WorkerDiedError,
    WorkerFailedError,
    WorkerTimeoutError,
)
from vls_core.rewards.keypoints import positions
from vls_core.rewards.stage_reward import CodeEvaluator
from vls_core.rewards.term_models import Code
from vls_core.rewards.verification.code_report import CodeTermReport
from vls_core.rewards.verification.deadline import Deadline
from vls_core.rewards.verification.declaration import Declaration
from vls_core.rewards.verification.report import Check, Finding, Verdict
from vls_core.trajectory import Trajectory
from vls_core.types import ObjectKind, Scene

_CALLS = 3
"""Of the worker in one evaluation, at most: it is told a term anew that it has forgotten."""


class CodeExaminer:
    """Everything about a term in code, from a worker that starts when the first one comes.

    Raises (from `worker` and from any call):
        WorkerDiedError: no worker can be started on this machine.
    """

    def __init__(self, worker_factory: Callable[[], Worker], deadline: float) -> None:
        """See the class.

        Args:
            deadline: how long the checks of one term may take [s].
        """
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

    @property
    def evaluator(self) -> SandboxedEvaluator:
        """What evaluates terms that were examined."""
        return SandboxedEvaluator(self.worker, self._deadline / _CALLS, LOADED)

    def close(self) -> None:
        """Ends the worker, if there is one."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def __call__(
        self,
        source: str,
        places: dict[str, list[float]] | None,
        declaration: Declaration | None,
        subject: str,
        deadline: Deadline,
        obstacles: frozenset[str],
    ) -> CodeTermReport:
        """The report on one term; what is wrong with it becomes findings.

        Args:
            places: (3,) of every name it may use [m]; None: names are taken as they are.
            declaration: what it is for; None: as its docstring says.
            subject: what the findings are about.
            deadline: of the whole program.
            obstacles: names of keypoints of things of that kind.
        """
        try:
            # Most of what is not allowed is refused here, without waiting for a process.
            compile_reward(source)
        except RewardCodeError as error:
            check = Check.BUDGET if isinstance(error, BudgetExceededError) else Check.SYNTAX
            return _rejected(check, subject, str(error), declaration)
        with deadline.paused():
            worker = self.worker
            # Waits until there is one: that it cannot be started is not the program's fault.
            _ = worker.process_id
        seconds = min(self._deadline, deadline.remaining)
        try:
            return check_in_worker(
                worker, source, places, declaration, subject=subject, obstacles=obstacles,
                deadline=seconds,
            )
        except WorkerTimeoutError:
            text = f'not checked within {seconds:.2g} s: write fewer and smaller operations'
        except WorkerDiedError:
            text = 'it ended the process that tried it'
        except (WorkerFailedError, RewardCodeError) as error:
            text = f'it could not be tried: {error}'
        return _rejected(Check.BUDGET, subject, text, declaration)


def while_there_is_time(evaluator: CodeEvaluator, deadline: Deadline) -> CodeEvaluator:
    """As the evaluator; raises OutOfTimeError once the deadline has passed."""
    def evaluate(term: Code, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
        deadline.require()
        return evaluator(term, scene, trajectory)

    return evaluate


def obstacle_keypoints(scene: Scene | None) -> frozenset[str]:
    """The names of all keypoints of things that are obstacles."""
    if scene is None:
        return frozenset()
    things = {item.name for item in scene.objects if item.kind is ObjectKind.OBSTACLE}
    return frozenset(
        name for name in positions(scene)
        if any(name == thing or name.startswith(f'{thing}.') for thing in things)
    )


def _rejected(
    check: Check, subject: str, text: str, declaration: Declaration | None
) -> CodeTermReport:
    failure = Finding(check, Verdict.FAILED, subject, text)
    return CodeTermReport((failure,), None, declaration or Declaration(), {})
