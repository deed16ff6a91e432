"""What an action chunk has to satisfy, and the names of the reasons to refuse one."""

from __future__ import annotations

from dataclasses import dataclass

from vls_core.control import fr3


class RefusedChunkError(ValueError):
    """An action chunk must not be followed; the message says why."""


class WrongRobotError(RefusedChunkError):
    """The chunk is meant for another arm."""


class StaleProgramError(RefusedChunkError):
    """The chunk was steered by a reward program that is no longer in force."""


class OldSequenceError(RefusedChunkError):
    """A newer chunk was accepted already."""


class ExpiredChunkError(RefusedChunkError):
    """All steps of the chunk were due already, or it was computed from too old an observation."""


class FutureChunkError(RefusedChunkError):
    """The observation of the chunk lies in the future: the clocks of the machines disagree."""


class WrongHorizonError(RefusedChunkError):
    """The chunk is longer, or its steps are shorter or longer, than anything a policy plans."""


class OutOfWorkspaceError(RefusedChunkError):
    """A target lies far outside the workspace or beyond a joint limit."""


class UnreachableTargetError(RefusedChunkError):
    """The arm cannot take a target pose."""


class UnknownAnchorError(RefusedChunkError):
    """Nobody knows where the arm was when a chunk of displacements was begun."""


class JumpError(RefusedChunkError):
    """Two steps, or the present target and the first step, are too far apart."""


@dataclass(frozen=True)
class ChunkRules:
    """What a chunk has to satisfy.

    Attributes:
        workspace: targets outside are moved to the nearest point inside, if that is not further
            than workspace_slack [m] away; otherwise the chunk is refused.
        joint_target_slack: how far outside the workspace joint targets may put the end effector,
            as they cannot be moved [m]; less than the envelope's.
        maximum_jump: between two steps, and to the first one, in any joint [rad].
        maximum_age: of the observation behind a chunk when it arrives [s].
        maximum_duration: from the observation to the last step [s].
        shortest_step: between two steps [s].
        clock_tolerance: how far in the future an observation may seem to lie [s].
        program_grace: how long after a reward program was replaced chunks may still be computed
            with it [s]; messages take different ways.
        blend_duration: time in which a newer chunk takes over [s].
    """

    workspace: fr3.WorkspaceBox = fr3.DEFAULT_WORKSPACE
    workspace_slack: float = 0.05
    joint_target_slack: float = 0.005
    maximum_jump: float = 0.5
    maximum_age: float = 1.0
    maximum_duration: float = 60.0
    shortest_step: float = 0.002
    clock_tolerance: float = 0.02
    program_grace: float = 0.5
    blend_duration: float = 0.15
