"""A term written in code, with a place for every name it uses and a purpose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import torch

from vls_core.rewards.code.blocks import in_blocks
from vls_core.rewards.code.compiler import CompiledReward
from vls_core.rewards.verification.declaration import Declaration
from vls_core.rewards.verification.layouts import Keypoints, groups, only, rearranged
from vls_core.trajectory import Trajectory

ARRANGEMENTS = 3
"""In how many arrangements of the things a term is tried, the given one included."""
MOST_PLACES = 6
"""Round how many keypoints motions are made up."""


@dataclass(frozen=True)
class BoundTerm:
    """What checks are made of.

    Attributes:
        compiled: the term.
        keypoints: (3,) of every name of the scene [m].
        declaration: what it is for.
        seed: of all that is made up.
        obstacles: names of keypoints of things of that kind.
    """

    compiled: CompiledReward
    keypoints: Keypoints
    declaration: Declaration
    seed: int
    obstacles: frozenset[str] = frozenset()

    def judge(self, keypoints: Keypoints, trajectory: Trajectory) -> torch.Tensor:
        """(particles,) its reward with things elsewhere. Raises RewardCodeError."""
        return in_blocks(self.compiled, keypoints, trajectory.positions, trajectory.gripper)

    def reward(self, trajectory: Trajectory) -> torch.Tensor:
        """(particles,) its reward with things where they are. Raises RewardCodeError."""
        return self.judge(self.keypoints, trajectory)

    def at_once(self, trajectory: Trajectory) -> torch.Tensor:
        """Its reward for all particles in one evaluation, whatever its shape.

        Raises RewardCodeError.
        """
        return self.compiled(self.keypoints, trajectory.positions, trajectory.gripper)

    def declared(self, declaration: Declaration) -> BoundTerm:
        """The same with another purpose."""
        return replace(self, declaration=declaration)

    @property
    def used(self) -> Sequence[str]:
        """Names in the code, without those that are only declared."""
        return self.compiled.keypoints

    @property
    def names(self) -> list[str]:
        """Names it uses or declares."""
        return sorted({*self.compiled.keypoints, *self.declaration.names})

    @property
    def own(self) -> Keypoints:
        """(3,) of the names it uses or declares [m]."""
        return only(self.keypoints, self.names)

    @cached_property
    def layouts(self) -> list[Keypoints]:
        """The scene as it is, and with its things elsewhere."""
        return [self.keypoints, *(
            rearranged(self.keypoints, self.seed + number) for number in range(1, ARRANGEMENTS)
        )]

    @cached_property
    def places(self) -> tuple[str, ...]:
        """Names of keypoints to make up motions around: used or declared ones, then others."""
        first = dict.fromkeys((*self.declaration.names, *self.compiled.keypoints))
        owners = groups(self.keypoints)
        mine = {owners[name] for name in first}
        others = {
            owner: name for name, owner in sorted(owners.items(), reverse=True)
            if owner not in mine
        }
        return tuple([*first, *others.values()][:MOST_PLACES])
