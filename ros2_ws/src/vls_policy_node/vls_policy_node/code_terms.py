"""Reward terms written in code, evaluated in a worker that never keeps the policy waiting.

The worker starts with the node, as that takes longer than the first stage of a task on a busy
computer. It is replaced when it hangs or dies. Both happen on a thread of their own. Until it is
ready, and after every failure, the planner is told so at once and steers with the other terms.
What fails again and again is given up for the task.
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
"""Chunks in a row whose code failed, or starts, after which it is given up for the task."""
PAUSE = 1.0
"""Between two starts: what keeps a process from starting may pass [s]."""
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
        self._given_up = self._failed = self._evaluated = False
        self._trouble = self._trouble_starting = ''
        self._closed = threading.Event()

    @property
    def state(self) -> CodeState:
        """How it stands; never waits."""
        if self._given_up:
            return CodeState.GIVEN_UP
        busy = self._starting is not None and self._starting.is_alive()
        return CodeState.READY if self._worker.ready and not busy else CodeState.STARTING

    @property
    def trouble(self) -> str:
        """Why the worker does not start, or the last failure of the task; empty if all is well."""
        return self._trouble_starting or self._trouble

    def start(self) -> None:
        """Gets the worker ready, if it is not, on a thread of its own; returns at once."""
        if self.state is not CodeState.STARTING or self._closed.is_set():
            return
        if self._starting is not None and self._starting.is_alive():
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
        self._given_up = self._failed = self._evaluated = False
        self.start()

    def begin_chunk(self) -> None:
        """A chunk is about to be planned: the one before counts as a success or a failure."""
        if self._evaluated and not self._failed and not self._given_up:
            self._failures = 0
        self._evaluated = self._failed = False

    def __call__(self, term: Code, scene: Scene, trajectory: Trajectory) -> torch.Tensor:
        """(B,) rewards, differentiable. Raises CodeUnavailableError, at once or after a deadline.
        """
        match self.state:
            case CodeState.GIVEN_UP:
                raise CodeUnavailableError(f'terms written in code are given up: {self.trouble}')
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
        self._closed.set()
        self._worker.close()

    def _failure(self, term: Code, error: Exception) -> CodeUnavailableError:
        self._failed = True
        self._trouble = f'"{term.name}" failed: {error}'
        self._report(self._trouble)
        self._failures += 1
        if self._failures == FAILURES:
            self._give_up()
        self.start()
        return CodeUnavailableError(self._trouble)

    def _give_up(self) -> None:
        self._report(
            f'terms written in code are given up for this task after {FAILURES} failures in '
            'a row: only its other terms steer'
        )
        self._given_up = True

    @property
    def _because(self) -> str:
        return f' ({self.trouble})' if self.trouble else ''

    def _make_ready(self) -> None:
        """Tries until the worker is ready, or given up."""
        for _ in range(FAILURES):
            self._trouble_starting = self._try_to_start()
            if self._closed.is_set() or not self._trouble_starting:
                return
            self._report(self._trouble_starting)
            if self._closed.wait(PAUSE):
                return
        self._give_up()

    def _try_to_start(self) -> str:
        """Why it did not start; empty if it did."""
        try:
            _ = self._worker.process_id
        except WorkerError as error:
            return f'the worker for terms written in code does not start: {error}'
        except Exception as error:  # noqa: BLE001 (a thread would end without a word)
            return f'the worker for terms written in code broke down: {error!r}'
        return ''
