"""Reward terms written in code, evaluated in a worker that never keeps the policy waiting.

The worker starts with the node, as that takes longer than the first stage of a task on a busy
computer. It is replaced as soon as it hangs or dies. Both happen on a thread of their own. Until
it is ready, and after every failure, the planner is told so at once and steers with the other
terms. What fails again and again is given up for the task.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

import torch

from vls_core.rewards.code.compiler import compile_reward
from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.code.worker import WorkerError
from vls_core.rewards.program import Code, RewardProgram
from vls_core.rewards.stage_reward import CodeEvaluator, CodeUnavailableError
from vls_core.trajectory import Trajectory
from vls_core.types import Scene

FAILURES = 3
"""Chunks in a row whose code failed, after which it is given up for the task."""
STARTING = 'the worker for terms written in code is not ready yet'


class CodeState(StrEnum):
    """Whether terms written in code are evaluated."""

    STARTING = 'starting'
    READY = 'ready'
    GIVEN_UP = 'given up for this task'


class Worker(Protocol):
    """What is used of `rewards.code.worker.Worker`."""

    @property
    def ready(self) -> bool:
        """Whether a call would be served at once; never waits."""

    @property
    def process_id(self) -> int:
        """Waits until the process is ready."""

    def close(self) -> None:
        """Ends the process."""


class CodeTerms:
    """A `CodeEvaluator` for the planner.

    `begin`, `begin_chunk` and calls come from one thread at a time.

    Arguments:
        worker: the process.
        evaluator: evaluates in it.
        report: is told failures, one sentence each.
    """

    def __init__(
        self, worker: Worker, evaluator: CodeEvaluator, report: Callable[[str], None]
    ) -> None:
        self._worker = worker
        self._evaluator = evaluator
        self._report = report
        self._starting: threading.Thread | None = None
        self._failures = 0
        self._failed = self._evaluated = False
        self._trouble = ''
        self._closed = False

    @property
    def state(self) -> CodeState:
        """How it stands; never waits."""
        if self._failures >= FAILURES:
            return CodeState.GIVEN_UP
        busy = self._starting is not None and self._starting.is_alive()
        return CodeState.READY if self._worker.ready and not busy else CodeState.STARTING

    @property
    def trouble(self) -> str:
        """The last failure of the present task; empty if there was none."""
        return self._trouble

    def start(self) -> None:
        """Gets the worker ready, if it is not, on a thread of its own; returns at once."""
        if self._worker.ready or (self._starting is not None and self._starting.is_alive()):
            return
        self._starting = threading.Thread(
            target=self._make_ready, name='code worker', daemon=True
        )
        self._starting.start()

    def begin(self, program: RewardProgram) -> None:
        """Gets ready for a program; returns at once.

        Raises:
            RewardCodeError: a term is not within the allowed subset; nothing is started.
        """
        for term in program.code_terms:
            compile_reward(term.source)
        self._failures, self._trouble = 0, ''
        self._failed = self._evaluated = False
        self.start()

    def begin_chunk(self) -> None:
        """A chunk is about to be planned: the one before counts as a success or a failure."""
        if self._evaluated and not self._failed and self._failures < FAILURES:
            self._failures = 0
        self._evaluated = self._failed = False

    def __call__(self, term: Code, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
        """(B,) rewards, differentiable. Raises CodeUnavailableError, at once or after a deadline.
        """
        match self.state:
            case CodeState.GIVEN_UP:
                raise CodeUnavailableError(f'terms written in code are given up: {self._trouble}')
            case CodeState.STARTING:
                self.start()
                raise CodeUnavailableError(f'{STARTING}{self._because}')
        try:
            value = self._evaluator(term, scene, trajectory)
        except (WorkerError, RewardCodeError) as error:
            raise self._failure(term, error) from error
        self._evaluated = True
        return value

    def close(self) -> None:
        """Ends the worker, also while it starts."""
        self._closed = True
        self._worker.close()

    def _failure(self, term: Code, error: Exception) -> CodeUnavailableError:
        self._failed = True
        self._count(f'"{term.name}" failed: {error}')
        self.start()
        return CodeUnavailableError(self._trouble)

    def _count(self, trouble: str) -> None:
        if self._closed:
            return
        self._failures += 1
        self._trouble = trouble
        self._report(trouble)
        if self._failures == FAILURES:
            self._report(
                f'terms written in code are given up for this task after {FAILURES} failures in '
                'a row: only its other terms steer'
            )

    @property
    def _because(self) -> str:
        return f' ({self._trouble})' if self._trouble else ''

    def _make_ready(self) -> None:
        """Tries until the worker is ready, or what has to be given up is."""
        while not self._closed and self._failures < FAILURES:
            try:
                _ = self._worker.process_id
            except WorkerError as error:
                self._count(f'the worker for terms written in code does not start: {error}')
            except Exception as error:  # noqa: BLE001 (a thread would end without a word)
                self._count(f'the worker for terms written in code broke down: {error!r}')
            else:
                return
