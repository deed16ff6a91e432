"""`vls run` and the small commands for the arm and the simulated scene."""

from __future__ import annotations

from typing import Annotated

from rich.markup import escape
from typer import Argument, Exit, Option

from vls.client import StackClient, TaskFeedback
from vls.display import ERRORS, OUTPUT, feedback_line, result_line
from vls.episodes import CONDITIONS
from vls.launch_arguments import LaunchArgumentError
from vls.runner.stack import Stack, StackError

INTERRUPTED = 130

Namespace = Annotated[
    str | None, Option('--namespace', help='Namespace of the stack; default: the running one.')
]


def run(
    instruction: Annotated[
        str, Argument(help='What to do, e.g. "put the red cube on the plate".')
    ],
    unsteered: Annotated[
        bool, Option('--unsteered', help='Run the base policy alone, for comparison.')
    ] = False,
    timeout: Annotated[
        float, Option('--timeout', min=0.0, help='Seconds; 0 is the default of the vlm node.')
    ] = 0.0,
    namespace: Namespace = None,
) -> None:
    """Do what the sentence says; Ctrl-C cancels. Exit code 0 only after success."""
    with _client(namespace) as client, OUTPUT.status('looking') as spinner:
        phases = _PhasePrinter()

        def show(feedback: TaskFeedback) -> None:
            phases.show(feedback)
            spinner.update(escape(feedback_line(feedback)))

        try:
            result = client.run_task(
                instruction, steer=not unsteered, timeout=timeout, on_feedback=show
            )
        except KeyboardInterrupt:
            ERRORS.print('[red]vls:[/red] the task is cancelled')
            raise Exit(INTERRUPTED) from None
    if not result.success:
        ERRORS.print(f'[red]vls:[/red] {escape(result_line(result))}', soft_wrap=True)
        raise Exit(1)
    OUTPUT.print(escape(result_line(result)), style='green')


def reset(
    seed: Annotated[int, Option('--seed', min=0, help='Of the layout.')] = 0,
    shift: Annotated[
        str, Option('--shift', help=f'One of {", ".join(CONDITIONS)}.')
    ] = 'none',
    namespace: Namespace = None,
) -> None:
    """Lay out the simulated scene anew; prints the sentence that goes with it."""
    require_conditions([shift])
    with _client(namespace) as client:
        OUTPUT.print(client.reset_episode(seed, shift), highlight=False)


def arm(
    off: Annotated[bool, Option('--off', help='Disarm instead.')] = False,
    namespace: Namespace = None,
) -> None:
    """Let the bridge move the arm, from where it is.

    After a stop or a fault this is refused until `vls recover`.
    """
    with _client(namespace) as client:
        OUTPUT.print(client.arm(not off) or ('disarmed' if off else 'armed'))


def stop(namespace: Namespace = None) -> None:
    """Stop the arm now, until `vls recover` and `vls arm`. This is no emergency stop.

    Moving fingers stop as well; fingers that hold something hold on.
    """
    with _client(namespace) as client:
        OUTPUT.print(client.stop() or 'stopped')


def recover(namespace: Namespace = None) -> None:
    """Clear a fault or a stop. Nothing moves; the arm is not armed afterwards."""
    with _client(namespace) as client:
        OUTPUT.print(client.recover() or 'recovered')


def home(namespace: Namespace = None) -> None:
    """Open the gripper and move the arm to its home pose."""
    with _client(namespace) as client:
        OUTPUT.print(client.home() or 'at home')


def require_conditions(names: list[str]) -> None:
    """Raises LaunchArgumentError for the first name that is no shift of the simulated scene."""
    for name in names:
        if name not in CONDITIONS:
            raise LaunchArgumentError(
                f'there is no shift "{name}"; there are: {", ".join(CONDITIONS)}'
            )


def _client(namespace: str | None) -> StackClient:
    if namespace is None:
        try:
            namespace = Stack.running().record.namespace
        except StackError:
            namespace = ''  # it may have been started by `ros2 launch`
    return StackClient(namespace)


class _PhasePrinter:
    """Prints each step of the author and each new stage: a log shows how far a task got."""

    def __init__(self) -> None:
        self._last: tuple[str, int, str] | None = None

    def show(self, feedback: TaskFeedback) -> None:
        step = '' if feedback.phase == 'acting' else feedback.detail
        present = (feedback.phase, feedback.stage, step)
        if present != self._last:
            self._last = present
            OUTPUT.print(escape(feedback_line(feedback)), highlight=False)
