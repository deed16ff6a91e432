"""What the vls command shows."""

from __future__ import annotations

import time
from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table
from rich.text import Text
from vls_interfaces.msg import BridgeStatus

from vls.authorship import authorship
from vls.client import TaskFeedback, TaskResult
from vls.consoles import ERRORS, OUTPUT
from vls.episodes import EpisodeResult
from vls.runner.supervisor_client import ProcessInfo

__all__ = [
    'ERRORS', 'OUTPUT', 'authorship_lines', 'bridge_line', 'episode_table', 'feedback_line',
    'outcome', 'process_table', 'result_line',
]

BRIDGE_STATES = {
    BridgeStatus.IDLE: 'idle (not armed)',
    BridgeStatus.ARMED: 'armed, holding',
    BridgeStatus.TRACKING: 'tracking',
    BridgeStatus.STARVED: 'holding, no chunk',
    BridgeStatus.FAULT: 'FAULT',
    BridgeStatus.ESTOP: 'ESTOP',
}


def process_table(processes: Sequence[ProcessInfo]) -> Table:
    """One row per node."""
    table = Table(box=None, pad_edge=False)
    for title in ('node', 'process', 'state', 'up'):
        table.add_column(title, justify='right' if title in ('process', 'up') else 'left')
    for process in processes:
        state = process.state.lower()
        if process.ended:
            state = f'{state} with code {process.exit_status}'
        table.add_row(
            process.name,
            str(process.pid or '-'),
            Text(state, style='red' if process.ended else 'green'),
            '-' if process.ended else f'{time.time() - process.start_time:.0f} s',
        )
    return table


def bridge_line(status: BridgeStatus | None) -> str:
    """The state of the arm in a line."""
    if status is None:
        return 'arm: no word from the bridge'
    parts = [f'arm: {BRIDGE_STATES.get(status.state, "unknown state")}']
    if status.dry_run:
        parts.append('dry run, nothing is sent')
    if status.reason:
        parts.append(status.reason)
    return ' · '.join(parts)


def feedback_line(feedback: TaskFeedback) -> str:
    """How a task goes, in a line."""
    if feedback.phase != 'acting' or feedback.stage_count == 0:
        return ': '.join(part for part in (feedback.phase, feedback.detail) if part)
    return (
        f'stage {feedback.stage + 1}/{feedback.stage_count} {feedback.stage_name} · '
        f'reward {feedback.reward:+.3f} · latency {feedback.latency * 1000:.0f} ms'
    )


def result_line(result: TaskResult) -> str:
    """How a task ended, in a line."""
    author = f', rewards by {result.source}' if result.source else ''
    if result.success:
        return f'done in {result.duration:.1f} s{author}'
    return f'{result.error_name} ({result.error_code}): {result.message}'


def outcome(result: EpisodeResult) -> Text:
    """Success, or what was wrong, of one episode."""
    if result.success:
        return Text(f'success, {result.duration:.0f} s', style='green')
    return Text(f'failed: {result.failure}', style='red')


def episode_table(pairs: Sequence[tuple[EpisodeResult, EpisodeResult]]) -> Table:
    """Unsteered and steered side by side, one row per condition."""
    table = Table(title='the same frozen policy, unsteered and steered')
    for title in ('condition', 'instruction', 'rewards by', 'unsteered', 'steered'):
        table.add_column(title)
    for unsteered, steered in pairs:
        table.add_row(
            unsteered.condition, unsteered.instruction, escape(steered.source or 'nobody'),
            outcome(unsteered), outcome(steered),
        )
    return table


def authorship_lines(pairs: Sequence[tuple[EpisodeResult, EpisodeResult]]) -> list[str]:
    """Who wrote the rewards of each condition, how, and how often a model was asked in all."""
    lines, asked = [], 0
    for pair in pairs:
        told = [authorship(item) for item in pair]
        asked += sum(item.questions for item in told)
        how = ', then '.join(str(item) for item in told)
        lines.append(f'{pair[0].condition}: {how}')
    return [*lines, f'questions to a model in all: {asked}']
