"""What a program asks for, drawn: for each stage the table from above and the reward on the way.

From above, the robot is below: x points up, y to the left. The colour of the table is the reward
of a hand that stands still there, at the height of the stage's goal; arrows are its gradient. The
curves beside it are the weighted terms of a chunk that goes a part of the straight way to the
goal and rests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib

matplotlib.use('Agg')

import numpy as np  # noqa: E402 (after the backend)
from matplotlib import patheffects, pyplot  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.lines import Line2D  # noqa: E402
from matplotlib.patches import Circle, FancyBboxPatch, Rectangle  # noqa: E402

from vls.stage_probe import AREA, StageProbe, WayReward, probes  # noqa: E402
from vls_core.grounding.annotate import SCALE, annotate  # noqa: E402
from vls_core.grounding.picture import RgbdPicture  # noqa: E402
from vls_core.rewards.labels import term_labels  # noqa: E402
from vls_core.rewards.program import RewardProgram  # noqa: E402
from vls_core.rewards.stage_reward import CodeEvaluator  # noqa: E402
from vls_core.rewards.verification.report import VerificationReport  # noqa: E402
from vls_core.types import ObjectKind, Scene, SceneObject  # noqa: E402

INK, FAINT, GOAL, DANGER = '#1f2933', '#7b8794', '#d6249f', '#c62828'
FACES = {
    ObjectKind.GRASPABLE: '#fff3b0', ObjectKind.SURFACE: '#dfe7ee', ObjectKind.OBSTACLE: '#ef9a9a',
}
PALETTE = ('#1565c0', '#2e7d32', '#ef6c00', '#6a1b9a', '#00838f', '#ad1457', '#4e342e', '#9e9d24')
NAME_WIDTH, NAME_HEIGHT = 0.14, 0.04
"""Room that a name takes on the drawn table [m]."""
_HALO = [patheffects.withStroke(linewidth=2.5, foreground='white')]
_ROW_HEIGHT, _HEAD_HEIGHT, _WIDTH = 3.7, 5.4, 13.0


@dataclass(frozen=True)
class Drawing:
    """What is drawn.

    Attributes:
        picture: what the camera saw, if there was one.
        code: evaluates terms in code; None if the program has none that may be evaluated.
    """

    instruction: str
    program: RewardProgram
    scene: Scene
    report: VerificationReport
    picture: RgbdPicture | None = None
    code: CodeEvaluator | None = None


def draw(drawing: Drawing, path: Path) -> None:
    """Writes the drawing as a picture file, PNG by default. Raises OSError."""
    stages = probes(drawing.program, drawing.scene, drawing.code)
    rows = len(stages)
    figure = pyplot.figure(
        figsize=(_WIDTH, _HEAD_HEIGHT + _ROW_HEIGHT * rows), layout='constrained'
    )
    grid = figure.add_gridspec(
        rows + 1, 2, height_ratios=[_HEAD_HEIGHT, *[_ROW_HEIGHT] * rows], width_ratios=[1.15, 1.0]
    )
    figure.suptitle(f'“{drawing.instruction}”', fontsize=15, color=INK, weight='bold')
    _overview(figure.add_subplot(grid[0, 0]), drawing, stages)
    _summary(figure.add_subplot(grid[0, 1]), drawing)
    for row, probe in enumerate(stages, 1):
        above = figure.add_subplot(grid[row, 0])
        _from_above(above, probe, drawing.scene, row)
        if row == 1:
            _key(above)
        _along_the_way(figure.add_subplot(grid[row, 1]), probe)
    figure.savefig(path, dpi=110, facecolor='white')
    pyplot.close(figure)


def _overview(axis: Axes, drawing: Drawing, stages: Sequence[StageProbe]) -> None:
    """All goals in order: in the camera's picture if there is one, else from above."""
    if drawing.picture is None:
        _table(axis, drawing.scene, ())
        corners = np.array([stages[0].start, *(probe.end for probe in stages)])
        axis.plot(corners[:, 1], corners[:, 0], color=GOAL, linewidth=1.4, alpha=0.7, zorder=6)
        _numbers(axis, [(probe.end[1], probe.end[0]) for probe in stages], inverted=True)
        axis.set_title('from above: where the stages end', loc='left', fontsize=10, color=INK)
        return
    picture = drawing.picture
    axis.imshow(annotate(picture.color, picture.camera, drawing.scene))
    corners = np.array([stages[0].start, *(probe.end for probe in stages)])
    pixels, _ = picture.camera.project(corners)
    places = SCALE * (pixels + 0.5) - 0.5
    axis.plot(places[:, 0], places[:, 1], color=GOAL, linewidth=1.6, path_effects=_HALO)
    _numbers(axis, [tuple(place) for place in places[1:]])
    axis.set_xlim(0, SCALE * picture.camera.width)
    axis.set_ylim(SCALE * picture.camera.height, 0)
    axis.set_axis_off()
    axis.set_title('camera: where the stages end', loc='left', fontsize=10, color=INK)


def _numbers(axis: Axes, places: Sequence[tuple[float, float]], inverted: bool = False) -> None:
    """The number of each stage at its goal; those at the same place beside each other."""
    shown: dict[tuple[int, int], list[int]] = {}
    closeness = 0.03 if inverted else 45.0
    for number, (x, y) in enumerate(places, 1):
        shown.setdefault((round(x / closeness), round(y / closeness)), []).append(number)
    for numbers in shown.values():
        x, y = places[numbers[0] - 1]
        axis.annotate(
            ' '.join(map(str, numbers)), (x, y), ha='center', va='center', fontsize=9,
            color='white', weight='bold', zorder=12,
            bbox={'boxstyle': 'round,pad=0.25', 'facecolor': GOAL, 'edgecolor': 'white'},
        )


def _summary(axis: Axes, drawing: Drawing) -> None:
    """The verdict, and the stages with their terms."""
    axis.set_axis_off()
    accepted = drawing.report.accepted
    verdict = 'accepted' if accepted else 'rejected'
    axis.text(
        0.0, 1.0, f'verification: {verdict}', fontsize=13, weight='bold', va='top',
        color='#2e7d32' if accepted else DANGER, transform=axis.transAxes,
    )
    lines = []
    for item in drawing.report.failures[:2]:
        lines += _wrapped(f'{item.check.value}: {item.text}', 66)[:3]
    for number, stage in enumerate(drawing.program.stages, 1):
        terms = ', '.join(term_labels(stage))
        until = ' and '.join(item.kind for item in stage.completion)
        lines += [f'{number}  {stage.name}']
        lines += [f'     {line}' for line in _wrapped(f'{terms}; until {until}', 64)]
    axis.text(
        0.0, 0.9, '\n'.join(lines), fontsize=9.5 if len(lines) < 22 else 7.5, va='top', color=INK,
        linespacing=1.45, transform=axis.transAxes,
    )


def _from_above(axis: Axes, probe: StageProbe, scene: Scene, number: int) -> None:
    """Reward and gradient over the table, and what lies on it."""
    field = probe.field
    if field is not None:
        span = [AREA[1][1], AREA[1][0], AREA[0][0], AREA[0][1]]
        axis.imshow(
            field.values, extent=span, origin='lower', cmap='YlGnBu_r', alpha=0.75,
            interpolation='bilinear', aspect='equal', zorder=0,
        )
    _table(axis, scene, probe.avoided)
    if field is not None:
        # quiver counts in data coordinates: the axis of y is inverted, its arrows follow.
        axis.quiver(
            field.y, field.x, field.along_y, field.along_x, angles='xy', scale_units='xy',
            scale=1.0, width=0.0035, headwidth=3.6, color=INK, alpha=0.85, zorder=4,
        )
    axis.plot(
        [probe.start[1], probe.end[1]], [probe.start[0], probe.end[0]], color=GOAL, zorder=6,
        linewidth=1.8, linestyle=(0, (4, 2)), path_effects=_HALO,
    )
    axis.plot(probe.start[1], probe.start[0], 'o', color='white', markeredgecolor=GOAL,
              markersize=6, zorder=7)
    for goal in probe.goals:
        axis.plot(goal.position[1], goal.position[0], '*', color=GOAL, markersize=15,
                  markeredgecolor='white', zorder=8)
    axis.set_title(
        f'{number}  {probe.stage.name}', loc='left', fontsize=11, color=INK, weight='bold'
    )
    what = (
        f'colour and arrows: reward (bright is better) and gradient of a hand at rest, '
        f'{100 * probe.height:.0f} cm up' if field is not None
        else f'not evaluated: {probe.trouble}'[:90]
    )
    axis.set_xlabel(f'y [m], to the left;   {what}', fontsize=7, color=FAINT)


def _key(axis: Axes) -> None:
    """What the marks mean."""
    marks = [
        Line2D([], [], color=GOAL, marker='*', markersize=11, markeredgecolor='white',
               linestyle='none', label='goal'),
        Line2D([], [], color=GOAL, linestyle=(0, (4, 2)), label='straight way'),
        Line2D([], [], color=DANGER, linestyle=(0, (3, 2)), label='margin to keep'),
        Line2D([], [], color=INK, marker=r'$\rightarrow$', markersize=11, linestyle='none',
               label='gradient'),
    ]
    axis.legend(
        handles=marks, fontsize=7, ncols=2, loc='lower right', framealpha=0.85, borderpad=0.4,
        handletextpad=0.4, columnspacing=1.0,
    ).set_zorder(11)


def _table(axis: Axes, scene: Scene, avoided: Sequence[tuple[str, float]]) -> None:
    """Objects, their names, their keypoints, and the margins to keep [m]."""
    for item in scene.objects:
        _object(axis, item, below=_is_crowded(item, scene))
    for name, margin in avoided:
        _margin(axis, scene[name], margin)
    axis.set_xlim(AREA[1][1], AREA[1][0])
    axis.set_ylim(AREA[0][0], AREA[0][1])
    axis.set_aspect('equal')
    axis.tick_params(labelsize=7, colors=FAINT)
    for side in axis.spines.values():
        side.set_color('#cbd2d9')
    axis.set_xlabel('y [m], to the left', fontsize=7, color=FAINT)
    axis.set_ylabel('x [m], away from the robot', fontsize=7, color=FAINT)


def _is_crowded(item: SceneObject, scene: Scene) -> bool:
    """Whether a name above would touch that of something a little further to the right."""
    edge = item.center[0] + item.extent[0] / 2
    return any(
        0.0 < item.center[1] - other.center[1] < NAME_WIDTH
        and abs(other.center[0] + other.extent[0] / 2 - edge) < NAME_HEIGHT
        for other in scene.objects
    )


def _object(axis: Axes, item: SceneObject, below: bool) -> None:
    width, depth = item.extent[1], item.extent[0]
    corner = (item.center[1] - width / 2, item.center[0] - depth / 2)
    axis.add_patch(Rectangle(
        corner, width, depth, facecolor=FACES[item.kind], edgecolor=INK, linewidth=0.9,
        alpha=0.9, zorder=2,
    ))
    side = -1 if below else 1
    axis.annotate(
        item.name, (item.center[1], item.center[0] + side * depth / 2), (0, 2 * side),
        textcoords='offset points', ha='center', va='top' if below else 'bottom', fontsize=8,
        color=INK, path_effects=_HALO, zorder=10,
    )
    for keypoint in item.keypoints:
        x, y = keypoint.position[:2]
        axis.plot(y, x, '.', color=INK, markersize=4, zorder=9)
        if np.linalg.norm(keypoint.position[:2] - item.center[:2]) > 0.02:
            axis.annotate(
                keypoint.name, (y, x), (4, -3), textcoords='offset points', fontsize=6.5,
                color=INK, va='top', path_effects=_HALO, zorder=10,
            )


def _margin(axis: Axes, item: SceneObject, margin: float) -> None:
    width, depth = item.extent[1], item.extent[0]
    axis.add_patch(FancyBboxPatch(
        (item.center[1] - width / 2, item.center[0] - depth / 2), width, depth,
        boxstyle=f'round,pad={margin},rounding_size={max(margin, 1e-3)}', facecolor='none',
        edgecolor=DANGER, linewidth=1.5, linestyle=(0, (3, 2)), zorder=5,
    ))
    axis.add_patch(Circle((item.center[1], item.center[0]), 0.004, color=DANGER, zorder=5))


def _along_the_way(axis: Axes, probe: StageProbe) -> None:
    """The terms and their sum along the straight way to the goal."""
    way: WayReward | None = probe.way
    axis.set_title(probe.way_text, loc='left', fontsize=8, color=FAINT)
    axis.tick_params(labelsize=7, colors=FAINT)
    for side in ('top', 'right'):
        axis.spines[side].set_visible(False)
    if way is None:
        axis.text(0.5, 0.5, probe.trouble, ha='center', wrap=True, transform=axis.transAxes,
                  fontsize=8, color=DANGER)
        return
    for index, (label, values) in enumerate(way.terms.items()):
        axis.plot(100 * way.distances, values, color=PALETTE[index % len(PALETTE)], linewidth=1.3,
                  alpha=0.9, label=label)
    axis.plot(100 * way.distances, way.total, color=INK, linewidth=2.4, label='together')
    axis.axhline(0.0, color=FAINT, linewidth=0.8, linestyle=':')
    low = min(float(way.total.min()), *(float(values.min()) for values in way.terms.values()))
    axis.set_ylim(1.08 * low - 0.005, 0.06 * abs(low) + 0.005)
    axis.grid(alpha=0.25)
    axis.set_xlabel('distance gone on the way to the goal [cm]', fontsize=7.5, color=FAINT)
    axis.set_ylabel('weighted reward, 0 is satisfied', fontsize=7.5, color=FAINT)
    axis.legend(fontsize=7.5, frameon=False, loc='center left', bbox_to_anchor=(1.0, 0.5))


def _wrapped(text: str, width: int) -> list[str]:
    lines, line = [], ''
    for word in text.split():
        if line and len(line) + len(word) + 1 > width:
            lines.append(line)
            line = word
        else:
            line = f'{line} {word}'.strip()
    return [*lines, line] if line else lines
