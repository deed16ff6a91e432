"""Plays action chunks on time: late steps are dropped, a newer chunk takes over smoothly.

All times are seconds on one clock that the caller injects; steps are due as ActionChunk says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vls_core.control import fr3
from vls_core.control.kinematics import Fr3Kinematics, UnreachableError
from vls_core.control.trajectory import JointPoint, JointTrajectory
from vls_core.types import ActionChunk, TargetKind


class RefusedChunkError(ValueError):
    """An action chunk must not be followed; the message says why."""


class OldSequenceError(RefusedChunkError):
    """A newer chunk was accepted already."""


class ExpiredChunkError(RefusedChunkError):
    """All steps of the chunk were due already, or it was computed from too old an observation."""


class FutureChunkError(RefusedChunkError):
    """The observation of the chunk lies in the future: the clocks of the machines disagree."""


class OutOfWorkspaceError(RefusedChunkError):
    """A target lies far outside the workspace or beyond a joint limit."""


class UnreachableTargetError(RefusedChunkError):
    """The arm cannot take a target pose."""


class JumpError(RefusedChunkError):
    """Two steps, or the present target and the first step, are too far apart."""


@dataclass(frozen=True)
class ChunkRules:
    """What a chunk has to satisfy.

    Attributes:
        workspace: targets outside are moved to the nearest point inside, if that is not further
            than workspace_slack [m] away; otherwise the chunk is refused.
        maximum_jump: between two steps, and to the first one, in any joint [rad].
        maximum_age: of the observation behind a chunk when it arrives [s].
        clock_tolerance: how far in the future an observation may seem to lie [s].
        blend_duration: time in which a newer chunk takes over [s].
    """

    workspace: fr3.WorkspaceBox = fr3.DEFAULT_WORKSPACE
    workspace_slack: float = 0.05
    maximum_jump: float = 0.5
    maximum_age: float = 1.0
    clock_tolerance: float = 0.02
    blend_duration: float = 0.15


@dataclass(frozen=True)
class Sample:
    """What the chunk asks for now.

    Attributes:
        point: joint target.
        gripper: desired opening 0..1 of the step that was due last; None before the first.
    """

    point: JointPoint
    gripper: float | None


@dataclass(frozen=True)
class _Plan:
    chunk: ActionChunk
    first_step: int
    trajectory: JointTrajectory
    takeover_time: float
    takeover: JointPoint
    before: JointTrajectory | None


class ChunkClock:
    """Accepts chunks as they come and says where the arm should be at any time.

    Args:
        kinematics: used in `accept` only.
        rules: what is refused.
    """

    def __init__(self, kinematics: Fr3Kinematics, rules: ChunkRules | None = None) -> None:
        self._kinematics = kinematics
        self._rules = rules or ChunkRules()
        self._plan: _Plan | None = None
        self._not_before = -np.inf
        self.clamped_targets = 0
        """Targets moved into the workspace so far."""

    @property
    def chunk(self) -> ActionChunk | None:
        """The chunk in force."""
        plan = self._plan
        return plan.chunk if plan else None

    @property
    def end_time(self) -> float | None:
        """When the last step of the chunk in force is due [s]; None without chunk."""
        plan = self._plan
        return plan.chunk.end_time if plan else None

    def clear(self, now: float) -> None:
        """Forgets the chunk in force; from now on [s] only newer observations count."""
        self._plan = None
        self._not_before = now

    def accept(self, chunk: ActionChunk, now: float, present: JointPoint) -> None:
        """Puts a chunk in force, from the steps that are still to come.

        Args:
            now: the present time [s].
            present: the present reference, from where to go on if no chunk is in force.

        Raises:
            RefusedChunkError: one of its subclasses; the chunk before stays in force.
        """
        self._check_time(chunk, now)
        first_step = _first_step_after(chunk, now)
        running = self._plan is not None and now <= self._plan.chunk.end_time
        start = self.sample(now).point if running else present
        positions = self._joint_positions(chunk, first_step, start.position)
        self._check_jumps(start.position, positions)
        trajectory = JointTrajectory(_due(chunk, first_step), chunk.step_duration, positions)
        self._plan = _Plan(chunk, first_step, trajectory, now, start, self._settled(now))

    def _settled(self, now: float) -> JointTrajectory | None:
        """The trajectory being followed, if it is followed alone and not blended with another."""
        plan = self._plan
        blended = plan is None or now - plan.takeover_time < self._rules.blend_duration
        return None if blended else plan.trajectory

    def sample(self, now: float) -> Sample | None:
        """The target at a time [s]; the last step once all were due; None without chunk."""
        plan = self._plan
        if plan is None:
            return None
        return Sample(_blend(plan, now, self._rules.blend_duration), _gripper(plan, now))

    def _check_time(self, chunk: ActionChunk, now: float) -> None:
        age = now - chunk.observation_time
        if age < -self._rules.clock_tolerance:
            raise FutureChunkError(
                f'chunk {chunk.sequence} is from {-age:.3f} s in the future; '
                'synchronise the clocks'
            )
        if age > self._rules.maximum_age or now >= chunk.end_time:
            raise ExpiredChunkError(f'chunk {chunk.sequence} came too late: {age:.3f} s old')
        if chunk.observation_time < self._not_before:
            raise ExpiredChunkError(
                f'chunk {chunk.sequence} was computed before the arm was armed or sent home'
            )
        before = self.chunk
        if before is None:
            return
        # A restarted publisher counts from the beginning again: believed only once the chunk in
        # force has run out.
        old_number = chunk.sequence <= before.sequence and now <= before.end_time
        if old_number or chunk.observation_time < before.observation_time:
            raise OldSequenceError(
                f'chunk {chunk.sequence} is older than chunk {before.sequence} in force'
            )

    def _joint_positions(
        self, chunk: ActionChunk, first_step: int, seed: np.ndarray
    ) -> np.ndarray:
        targets = chunk.targets[first_step:]
        if chunk.target_kind is TargetKind.JOINT_POSITION:
            return self._checked_joint_targets(targets)
        positions = self._inside_workspace(targets[:, :3])
        solutions = np.empty_like(targets)
        for row, (position, target) in enumerate(zip(positions, targets, strict=True)):
            try:
                seed = self._kinematics.solve(position, target[3:], seed)
            except UnreachableError as error:
                raise UnreachableTargetError(f'step {first_step + row}: {error}') from error
            solutions[row] = seed
        return solutions

    def _inside_workspace(self, positions: np.ndarray) -> np.ndarray:
        inside = self._rules.workspace.clamp(positions)
        outside = np.linalg.norm(inside - positions, axis=1)
        if outside.max() > self._rules.workspace_slack:
            x, y, z = positions[outside.argmax()]
            raise OutOfWorkspaceError(
                f'target ({x:.3f}, {y:.3f}, {z:.3f}) m is outside the workspace'
            )
        self.clamped_targets += int(np.count_nonzero(outside))
        return inside

    def _checked_joint_targets(self, targets: np.ndarray) -> np.ndarray:
        beyond = (targets < fr3.JOINT_LOWER_LIMITS) | (targets > fr3.JOINT_UPPER_LIMITS)
        if beyond.any():
            name = fr3.JOINT_NAMES[int(np.argwhere(beyond)[0, 1])]
            raise OutOfWorkspaceError(f'a target of {name} is beyond its limits')
        for target in targets:
            position, _ = self._kinematics.forward(target)
            if not self._rules.workspace.contains(position, self._rules.workspace_slack):
                x, y, z = position
                raise OutOfWorkspaceError(
                    f'joint target puts the end effector at ({x:.3f}, {y:.3f}, {z:.3f}) m, '
                    'outside the workspace'
                )
        return np.array(targets)

    def _check_jumps(self, start: np.ndarray, positions: np.ndarray) -> None:
        jumps = np.abs(np.diff(positions, axis=0, prepend=start[None]))
        if jumps.max() > self._rules.maximum_jump:
            step, joint = np.unravel_index(jumps.argmax(), jumps.shape)
            raise JumpError(f'{fr3.JOINT_NAMES[joint]} jumps by {jumps[step, joint]:.2f} rad')


def _due(chunk: ActionChunk, step: int) -> float:
    return chunk.observation_time + (step + 1) * chunk.step_duration


def _first_step_after(chunk: ActionChunk, now: float) -> int:
    late = (now - chunk.observation_time) // chunk.step_duration
    return int(np.clip(late, 0, chunk.horizon - 1))


def _blend(plan: _Plan, now: float, duration: float) -> JointPoint:
    # From what was followed before to the new curve, with a weight that starts and ends level:
    # position and velocity are continuous however far the two are apart. The speed of the change
    # itself is left out of the velocity: fed forward, a late chunk would make the arm shoot over.
    new = plan.trajectory.sample(now)
    elapsed = now - plan.takeover_time
    u = elapsed / duration
    if u >= 1.0:
        return new
    u = max(u, 0.0)
    old = _followed_before(plan, now, elapsed)
    weight = 3 * u**2 - 2 * u**3
    return JointPoint(
        (1 - weight) * old.position + weight * new.position,
        (1 - weight) * old.velocity + weight * new.velocity,
    )


def _followed_before(plan: _Plan, now: float, elapsed: float) -> JointPoint:
    # The old trajectory stays where its targets are; its tangent, the best there is while two
    # trajectories are still being blended, would run on through the table.
    if plan.before is not None:
        return plan.before.sample(now)
    velocity = plan.takeover.velocity
    return JointPoint(plan.takeover.position + elapsed * velocity, velocity)


def _gripper(plan: _Plan, now: float) -> float | None:
    chunk = plan.chunk
    last_due = min(int((now - chunk.observation_time) // chunk.step_duration), chunk.horizon) - 1
    return float(chunk.gripper[last_due]) if last_due >= plan.first_step else None
