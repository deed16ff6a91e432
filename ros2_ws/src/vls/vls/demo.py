"""The demo: the same frozen policy, unsteered and steered, in scenes it was not trained for."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from vls.authorship import authorship
from vls.client import StackClient, TaskFeedback
from vls.episodes import EpisodeResult, EpisodeRunner
from vls.plots import plot_rewards
from vls.recording import Panel, Recorder, side_by_side, write_gif, write_video

DEMO_CONDITIONS = ('none', 'moved_target', 'obstacle', 'other_target')

LATE_CHUNKS = 0.45
"""Median latency of chunks from which on a computer is too slow, or too busy, to judge by [s]: the
hand then moves by what was seen long before."""

Pair = tuple[EpisodeResult, EpisodeResult]


@dataclass(frozen=True)
class DemoPlan:
    """What the demo runs.

    Attributes:
        seed: of the layouts.
        conditions: each is run unsteered and steered.
        folder: run folder; takes the results.
        timeout: of one task [s].
    """

    seed: int
    conditions: tuple[str, ...]
    folder: Path
    timeout: float

    @property
    def filmed(self) -> str:
        """The condition of the video: the obstacle if it is run, else the first shift."""
        if 'obstacle' in self.conditions:
            return 'obstacle'
        return next((name for name in self.conditions if name != 'none'), self.conditions[0])


def run_demo(
    client: StackClient,
    plan: DemoPlan,
    on_phase: Callable[[str], None],
    on_feedback: Callable[[TaskFeedback], None],
) -> list[Pair]:
    """Runs all episodes and writes what they leave; returns (unsteered, steered) per condition.

    Raises what EpisodeRunner.run raises, and RecordingError.
    """
    runner = EpisodeRunner(client)
    pairs: list[Pair] = []
    for condition in plan.conditions:
        films = (Recorder(), Recorder())
        results = []
        for steer, film in zip((False, True), films, strict=True):
            name = f'{condition}, {"steered" if steer else "unsteered"}'
            film.restart()
            results.append(runner.run(
                plan.seed, condition, steer=steer, timeout=plan.timeout,
                on_phase=lambda phase, name=name: on_phase(f'{name}: {phase}'),
                on_feedback=on_feedback,
                on_picture=film.add if condition == plan.filmed else None,
            ))
        pair = (results[0], results[1])
        pairs.append(pair)
        if condition == plan.filmed:
            on_phase('writing the video')
            write_films(films, pair, plan.folder)
            write_program(pair[1], plan.folder)
        write_results(pairs, plan)
    return pairs


def write_films(films: Sequence[Recorder], pair: Pair, folder: Path) -> None:
    """demo.mp4 and demo.gif. Raises RecordingError."""
    names = ('unsteered', 'steered')
    panels = [
        Panel(film, name, result.success)
        for film, name, result in zip(films, names, pair, strict=True)
    ]
    title = f'"{pair[1].instruction}" ({pair[1].condition})'
    write_video(side_by_side(panels, title), folder / 'demo.mp4')
    write_gif(side_by_side(panels, title), folder / 'demo.gif')


def write_program(result: EpisodeResult, folder: Path) -> None:
    """reward_program.json: what the steered episode of the video was steered by."""
    (folder / 'reward_program.json').write_text(json.dumps(result.program, indent=2) + '\n')


def write_results(pairs: Sequence[Pair], plan: DemoPlan) -> None:
    """results.json with everything, results.md with the table, rewards.png."""
    content = [asdict(result) for pair in pairs for result in pair]
    (plan.folder / 'results.json').write_text(json.dumps(content, indent=1) + '\n')
    (plan.folder / 'results.md').write_text(markdown(pairs, plan.seed))
    plot_rewards(pairs, plan.folder / 'rewards.png')


def markdown(pairs: Sequence[Pair], seed: int) -> str:
    """The table of the demo."""
    lines = [
        f'One episode each, seed {seed}.', '',
        '| condition | instruction | rewards by | unsteered | steered |', '|---|---|---|---|---|',
    ]
    for unsteered, steered in pairs:
        cells = [item.failure and f'failed: {item.failure}' or 'success'
                 for item in (unsteered, steered)]
        lines.append(
            f'| {steered.condition} | {steered.instruction} | {authorship(steered)} | '
            f'{" | ".join(cells)} |'
        )
    return '\n'.join(lines) + '\n'


def surprises(pairs: Sequence[Pair]) -> list[str]:
    """Sentences on the episodes that did not go as the demo means to show."""
    found = []
    for unsteered, steered in pairs:
        if not steered.success:
            found.append(
                f'{steered.condition}: steered, it failed ({steered.failure}){_too_slow(steered)}'
            )
        if unsteered.condition == 'none' and not unsteered.success:
            found.append(f'none: unsteered, it failed at home ({unsteered.failure})')
        if unsteered.condition != 'none' and unsteered.success:
            found.append(f'{unsteered.condition}: it succeeded without steering as well')
    return found


def _too_slow(result: EpisodeResult) -> str:
    latency = result.median_latency
    if latency is None or latency < LATE_CHUNKS:
        return ''
    return (
        f'; plans took {latency:.1f} s, so this computer was too busy for a simulated robot in '
        'real time: close other programs, or try a faster one'
    )
