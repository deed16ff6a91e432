"""The `vls` application: start the stack, give it tasks, run the demo and the benchmarks."""

from __future__ import annotations

from typing import Any

import typer
from rich.markup import escape
from typer.core import TyperGroup

from vls.client import RefusedError, StackUnreachableError
from vls.commands import author, cache, doctor, endpoint, evaluation, reward, stack, task
from vls.commands.task import INTERRUPTED
from vls.consoles import ERRORS, printable_lines
from vls.executables import MissingExecutableError
from vls.launch_arguments import LaunchArgumentError
from vls.node_table import UnknownNodeError
from vls.parameter_sections import ParameterFileError
from vls.recording import RecordingError
from vls.runner.stack import StackError
from vls.runner.supervisor_client import SupervisorUnreachableError
from vls.test_endpoint.server import EndpointInUseError
from vls_core.eval.rows import RowsError
from vls_core.vlm.cache import CacheError

USAGE_ERRORS = (LaunchArgumentError, UnknownNodeError, ParameterFileError)
ERRORS_OF_OURS = (
    CacheError, EndpointInUseError, MissingExecutableError, RecordingError, RefusedError,
    RowsError, StackError, StackUnreachableError, SupervisorUnreachableError,
)


class _Group(TyperGroup):
    """Turns errors a user can mend into one message and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except USAGE_ERRORS as error:
            code, text = 2, str(error)
        except ERRORS_OF_OURS as error:
            code, text = 1, str(error)
        except KeyboardInterrupt:
            code, text = INTERRUPTED, 'interrupted'
        ERRORS.print(
            f'[red]vls:[/red] {escape(printable_lines(text))}', highlight=False, soft_wrap=True
        )
        raise typer.Exit(code)


app = typer.Typer(
    cls=_Group, no_args_is_help=True, add_completion=False, rich_markup_mode='rich',
    help='Steer a frozen robot policy by what you say. Start with [bold]vls demo[/bold], or '
    '[bold]vls up[/bold] and then [bold]vls run "put the red cube on the plate"[/bold].',
)
bench_app = typer.Typer(no_args_is_help=True, help='Benchmarks, resumable.')

app.command('up')(stack.up)
app.command('down')(stack.down)
app.command('status')(stack.status)
app.command('run')(task.run)
app.command('reset')(task.reset)
app.command('arm')(task.arm)
app.command('stop')(task.stop)
app.command('recover')(task.recover)
app.command('home')(task.home)
app.command('demo')(evaluation.demo)
app.command('test-endpoint')(endpoint.test_endpoint)
app.command('verify')(reward.verify)
app.command('author')(author.author)
app.command('doctor')(doctor.doctor)
bench_app.command('demo')(evaluation.bench_demo)
bench_app.callback()(lambda: None)
app.add_typer(bench_app, name='bench')
app.add_typer(cache.app, name='cache')
