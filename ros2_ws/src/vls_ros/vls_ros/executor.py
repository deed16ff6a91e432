"""An executor of several threads that does not spin while its work waits for a thread.

rclpy's own (until https://github.com/ros2/rclpy/pull/1547) hands out a callback that was
submitted, but has not begun yet, again and again without ever waiting. Where the interpreter is
busy, e.g. verifying a program on another thread, that feeds on itself: work of 60 ms was seen to
take 10 s.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy._rclpy_pybind11 import RCLError  # rclpy has no public name for it
from rclpy.exceptions import InvalidHandle
from rclpy.executors import (
    ConditionReachedException,
    ExternalShutdownException,
    MultiThreadedExecutor,
    ShutdownException,
    TimeoutException,
)
from rclpy.task import Task

_GONE = 'pointer is invalid'
"""What rcl says of an action server that has been destroyed."""


class PatientExecutor(MultiThreadedExecutor):
    """rclpy's executor, in which submitted work counts as being executed from then on.

    What another thread destroys may just have been collected to be waited for; that is waited for
    no more, and no reason to end.
    """

    def _spin_once_impl(
        self, timeout_sec: Any = None, wait_condition: Callable[[], bool] = lambda: False
    ) -> None:
        try:
            task, _, _ = self.wait_for_ready_callbacks(timeout_sec, None, wait_condition)
        except (
            ConditionReachedException, ExternalShutdownException, ShutdownException,
            InvalidHandle, TimeoutException,
        ):
            return
        except RCLError as error:
            if _GONE not in str(error):
                raise
            return
        task._executing = True  # noqa: SLF001 (the executor skips what executes; no public way)
        self._executor.submit(_begin, task)
        self._futures.append(task)
        for future in self._futures[:]:
            if future.done():
                self._futures.remove(future)
                future.result()  # raises what its callback raised


def _begin(task: Task) -> None:
    task._executing = False  # noqa: SLF001 (else it would not run)
    task()
