"""The `vls` application: start the stack, give it tasks, run the demo and the benchmarks."""

from __future__ import annotations

from typing import Any, ClassVar

import typer
from rich.markup import escape

from vls.consoles import ERRORS, printable_lines
from vls.lazy_group import CommandPlace, LazyGroup

INTERRUPTED = 130

COMMANDS = {
    name: CommandPlace(f'vls.commands.{module}', function, text)
    for name, module, function, text in (
        ('up', 'stack', 'up',
         'Start all nodes: simulated, or on the robot at --robot-ip. Ctrl-C ends them.'),
        ('down', 'stack', 'down', 'End the stack that `vls up` started.'),
        ('status', 'stack', 'status',
         'Show the nodes of the running stack and the state of the arm.'),
        ('run', 'task', 'run',
         'Do what the sentence says; Ctrl-C cancels. Exit code 0 only after success.'),
        ('reset', 'task', 'reset',
         'Lay out the simulated scene anew; prints the sentence that goes with it.'),
        ('arm', 'task', 'arm', 'Let the bridge move the arm, from where it is.'),
        ('stop', 'task', 'stop',
         'Stop the arm now, until `vls recover` and `vls arm`. This is no emergency stop.'),
        ('recover', 'task', 'recover',
         'Clear a fault or a stop. Nothing moves; the arm is not armed afterwards.'),
        ('home', 'task', 'home', 'Open the gripper and move the arm to its home pose.'),
        ('demo', 'evaluation', 'demo',
         'Watch the same frozen policy without and with steering in simulation; needs no robot.'),
        ('test-endpoint', 'endpoint', 'test_endpoint',
         'Serve an OpenAI-compatible endpoint for tests: rules, no model, and faults on command.'),
        ('verify', 'reward', 'verify',
         'Say whether a reward program, or one term in code, may move a robot.'),
        ('author', 'author', 'author',
         'Have a reward program written, verify it, and draw what it asks for. Moves nothing.'),
        ('doctor', 'doctor', 'doctor',
         'Say whether this computer is ready, and what to do if not. Changes and moves nothing.'),
        ('bench', 'evaluation', 'bench_app', 'Benchmarks, resumable.'),
        ('cache', 'cache', 'app',
         'Reward programs kept on disk, so that a model is asked once per scene and instruction.'),
    )
}
"""Every command by name, in the order of `vls --help`; a test holds docstrings to them."""


class _Group(LazyGroup):
    """Turns errors a user can mend into one message and an exit code."""

    places: ClassVar[dict[str, CommandPlace]] = COMMANDS

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort):
            raise
        except KeyboardInterrupt:
            code, text = INTERRUPTED, 'interrupted'
        except Exception as error:
            code, text = _exit_code(error), str(error)
            if code is None:
                raise
        ERRORS.print(
            f'[red]vls:[/red] {escape(printable_lines(text))}', highlight=False, soft_wrap=True
        )
        raise typer.Exit(code)


def _exit_code(error: Exception) -> int | None:
    """Of an error that a user can mend, else None."""
    try:
        # Only now that something has gone wrong: they are defined all over the place.
        from vls.mendable_errors import OTHER_ERRORS, USAGE_ERRORS
    except ImportError:  # `vls doctor` works without ROS, and deals with its errors itself
        return None
    if isinstance(error, USAGE_ERRORS):
        return 2
    return 1 if isinstance(error, OTHER_ERRORS) else None


app = typer.Typer(
    cls=_Group, no_args_is_help=True, add_completion=False, rich_markup_mode='rich',
    help='Steer a frozen robot policy by what you say. Start with [bold]vls demo[/bold], or '
    '[bold]vls up[/bold] and then [bold]vls run "put the red cube on the plate"[/bold].',
)
app.callback()(lambda: None)
