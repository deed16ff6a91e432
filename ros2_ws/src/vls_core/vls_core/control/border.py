"""The border of the workspace: how far outside of it the end effector may be."""

from __future__ import annotations

import numpy as np

from vls_core.control.fr3 import WorkspaceBox

_APPROACH = 6.0
"""Speed towards a face, per distance that is left to it [1/s]."""
_INNER = 0.7
"""Share of the slack at which the end effector, moved along a face, comes to rest."""


class Border:
    """An end effector that starts outside may only come back.

    Args:
        workspace: where the end effector may be.
        slack: how far it may leave the workspace all the same [m].
    """

    def __init__(self, workspace: WorkspaceBox, slack: float) -> None:
        self._workspace, self._slack = workspace, slack
        self._allowed = slack

    def reset(self, position: np.ndarray) -> None:
        """Begins at a position (3,), possibly outside [m]."""
        self._allowed = self._slack + self.distance(position)

    def distance(self, position: np.ndarray) -> float:
        """From a position (3,) back into the workspace; 0 inside [m]."""
        return float(np.linalg.norm(self._workspace.clamp(position) - position))

    def allows(self, position: np.ndarray) -> bool:
        """Whether the end effector may be at a position (3,) [m]."""
        return self.distance(position) <= self._allowed

    def reached(self, position: np.ndarray) -> None:
        """The end effector is at a position (3,): from there it may go no further out [m]."""
        self._allowed = min(self._allowed, self.distance(position) + self._slack)

    def speeds(self, position: np.ndarray, within: bool) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest speeds (3,) along the axes with which it is never left [m/s].

        Args:
            position: (3,) [m].
            within: keep to the workspace itself, without slack.
        """
        slack = 0.0 if within else _INNER * self._slack
        box = self._workspace
        return (
            _APPROACH * (box.lower - slack - position), _APPROACH * (box.upper + slack - position)
        )
