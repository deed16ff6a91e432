"""`vls demo` and `vls bench demo`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from rich.markup import escape
from typer import Option, Typer

from vls.bench import BenchPlan, remaining, run_bench, write_report
from vls.client import StackClient, TaskFeedback
from vls.commands.libero_pro import bench_libero_pro
from vls.commands.stack import (
    Param,
    VlmBaseUrl,
    VlmModel,
    as_arguments,
    start_with_progress,
)
from vls.commands.task import require_conditions
from vls.demo import DEMO_CONDITIONS, DemoPlan, run_demo, surprises
from vls.display import OUTPUT, authorship_lines, episode_table, feedback_line
from vls.episodes import CONDITIONS, TASK_SECONDS
from vls.folders import new_run_folder
from vls.launch_arguments import LaunchSettings
from vls.parameter_file import parse_overrides
from vls_core.eval.rows import Row, read_rows

FIRST_SEED = 200
"""Seeds below were looked at while the demo was tuned."""
QUICK_SEEDS = 2

Timeout = Annotated[float, Option('--timeout', min=1.0, help='Seconds for one task.')]
RobotIp = Annotated[
    str, Option('--robot-ip', help='Loopback address of the simulated robot.')
]


def demo(
    seed: Annotated[int, Option('--seed', min=0, help='Of the layouts.')] = 0,
    shift: Annotated[
        list[str] | None,
        Option('--shift', help=f'May be given often; default: {", ".join(DEMO_CONDITIONS)}.'),
    ] = None,
    timeout: Timeout = TASK_SECONDS,
    output: Annotated[Path, Option('--output', help='Where run folders go.')] = Path('runs'),
    vlm_base_url: VlmBaseUrl = '',
    vlm_model: VlmModel = '',
    robot_ip: RobotIp = '',
    param: Param = None,
) -> None:
    """Watch the same frozen policy without and with steering in simulation; needs no robot."""
    require_conditions(shift or [])
    settings = _simulated(vlm_base_url, vlm_model, robot_ip)
    overrides = parse_overrides(param or ())
    folder = new_run_folder(output)
    plan = DemoPlan(seed, tuple(shift or DEMO_CONDITIONS), folder, timeout)
    with (
        start_with_progress(settings, folder, overrides),
        StackClient() as client,
        _progress() as (on_phase, on_feedback),
    ):
        pairs = run_demo(client, plan, on_phase, on_feedback)
    OUTPUT.print(episode_table(pairs))
    for sentence in surprises(pairs):
        OUTPUT.print(f'note: {sentence}. One episode is one episode: `make bench-demo` counts.')
    for line in authorship_lines(pairs):
        OUTPUT.print(escape(line), soft_wrap=True, highlight=False)
    for name in ('demo.mp4', 'demo.gif', 'rewards.png', 'reward_program.json', 'logs/'):
        OUTPUT.print(f'  {folder / name}', soft_wrap=True, highlight=False)


def bench_demo(
    seeds: Annotated[
        int, Option('--seeds', min=1, help=f'How many, from {FIRST_SEED} on.')
    ] = 10,
    conditions: Annotated[
        str, Option('--conditions', help='Separated by commas.')
    ] = ','.join(CONDITIONS),
    quick: Annotated[
        bool, Option('--quick', help=f'{QUICK_SEEDS} seeds, into runs/ and not into results.')
    ] = False,
    fresh: Annotated[
        bool, Option('--fresh', help='Forget the episodes of earlier runs.')
    ] = False,
    timeout: Timeout = TASK_SECONDS,
    output: Annotated[
        Path, Option('--output', help='Takes episodes.jsonl, summary.json, table and plot.')
    ] = Path('benchmarks/results/demo'),
    robot_ip: RobotIp = '',
) -> None:
    """Success over seeds and conditions, unsteered and steered; goes on where it stopped."""
    names = [name.strip() for name in conditions.split(',') if name.strip()]
    require_conditions(names)
    folder = new_run_folder()
    plan = BenchPlan(
        tuple(range(FIRST_SEED, FIRST_SEED + (QUICK_SEEDS if quick else seeds))),
        tuple(names), folder if quick else output, timeout,
    )
    if fresh:
        plan.rows_file.unlink(missing_ok=True)
    rows = read_rows(plan.rows_file)
    missing = len(remaining(plan, rows))
    OUTPUT.print(f'{len(plan.cases())} episodes, {missing} to run')
    if missing:
        rows = _run_missing(plan, folder, missing, robot_ip)
    write_report(plan, rows)
    OUTPUT.print((plan.folder / 'table.md').read_text(), highlight=False)


def _run_missing(plan: BenchPlan, folder: Path, missing: int, robot_ip: str) -> list[Row]:
    count = 0

    def show(row: Row) -> None:
        nonlocal count
        count += 1
        verdict = '[green]success[/green]' if row['success'] else '[red]failed[/red]'
        kind = 'steered' if row['steer'] else 'unsteered'
        OUTPUT.print(
            f'{count}/{missing} seed {row["seed"]} {row["condition"]} {kind}: {verdict} '
            f'{row["duration"]:.0f} s {escape(str(row["message"]))}', highlight=False,
        )

    with (
        start_with_progress(_simulated('', '', robot_ip), folder),
        StackClient() as client,
        _progress() as (on_case, on_feedback),
    ):
        return run_bench(client, plan, on_case, on_feedback, show)


def _simulated(vlm_base_url: str, vlm_model: str, robot_ip: str) -> LaunchSettings:
    return LaunchSettings.from_arguments(as_arguments(
        sim=True, robot_ip=robot_ip, vlm_base_url=vlm_base_url, vlm_model=vlm_model
    ))


@contextmanager
def _progress() -> Iterator[tuple[Callable[[str], None], Callable[[TaskFeedback], None]]]:
    """A line that says what happens; without a terminal, a line whenever something else does."""
    with OUTPUT.status('') as spinner:
        present = ''

        def on_phase(text: str) -> None:
            nonlocal present
            present = text
            spinner.update(escape(text))
            if not OUTPUT.is_terminal:
                OUTPUT.print(text, highlight=False)

        def on_feedback(feedback: TaskFeedback) -> None:
            spinner.update(escape(f'{present} · {feedback_line(feedback)}'))

        yield on_phase, on_feedback


bench_app = Typer(no_args_is_help=True, help='Benchmarks, resumable.')
bench_app.callback()(lambda: None)
bench_app.command('demo')(bench_demo)
bench_app.command(
    'libero-pro', add_help_option=False,
    context_settings={'allow_extra_args': True, 'ignore_unknown_options': True},
)(bench_libero_pro)
