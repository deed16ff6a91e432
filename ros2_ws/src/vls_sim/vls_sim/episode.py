"""Lays out and judges episodes while the protocol server runs."""

from __future__ import annotations

from collections.abc import Collection

import mujoco

from vls_sim.protocol_server import ProtocolServer
from vls_sim.scene_layout import SceneLayout, lay_out
from vls_sim.scene_model import place_objects, robot_bodies
from vls_sim.scoring import EpisodeScore, score_episode

ARM_CLEARANCE = 0.025
"""No object is put nearer to the arm or the hand than this, nor between open fingers [m]."""


class ArmInTheWayError(RuntimeError):
    """An object would have been put where the arm or the hand is; nothing was moved."""

    def __init__(self, objects: list[str]) -> None:
        super().__init__(
            f'the arm is where the {" and the ".join(objects)} would stand; send it home first'
        )


class Episode:
    """The present episode of a running server. Moves objects only, never the arm.

    Args:
        server: entered.
        seed, shift: of the first layout, see `lay_out`.

    Raises:
        UnknownShiftError, ArmInTheWayError: as `reset`.
    """

    def __init__(self, server: ProtocolServer, seed: int, shift: str) -> None:
        self._server = server
        self._trial = mujoco.MjData(server.model)
        self._robot_bodies = robot_bodies(server.model)
        self._layout = self.reset(seed, shift)

    @property
    def layout(self) -> SceneLayout:
        """Where everything stood when the episode began."""
        return self._layout

    def reset(self, seed: int, shift: str) -> SceneLayout:
        """Puts all objects where the layout says, at rest.

        Raises:
            vls_sim.scene_layout.UnknownShiftError: there is no such shift.
            ArmInTheWayError: see there.
        """
        layout = lay_out(seed, shift)
        self._refuse_collisions(layout)
        with self._server.locked() as data:
            place_objects(self._server.model, data, layout)
            mujoco.mj_forward(self._server.model, data)
        self._layout = layout
        return layout

    def score(self) -> EpisodeScore:
        """The verdict on the present state."""
        with self._server.locked() as data:
            return score_episode(self._server.model, data, self._layout)

    def _refuse_collisions(self, layout: SceneLayout) -> None:
        model, trial = self._server.model, self._trial
        self._server.copy_state(trial)
        place_objects(model, trial, layout)
        mujoco.mj_kinematics(model, trial)
        robot = _solid_geoms(model, self._robot_bodies)
        objects = [
            name for name in layout.positions
            if any(
                mujoco.mj_geomDistance(model, trial, one, other, ARM_CLEARANCE, None)
                < ARM_CLEARANCE
                for one in robot
                for other in _solid_geoms(model, {model.body(name).id})
            )
        ]
        if objects:
            raise ArmInTheWayError(objects)


def _solid_geoms(model: mujoco.MjModel, bodies: Collection[int]) -> list[int]:
    return [
        geom for geom in range(model.ngeom)
        if model.geom_bodyid[geom] in bodies and model.geom_contype[geom] != 0
    ]
