"""The true shape of a thing in the simulator, as points on its surface."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import mujoco
import numpy as np

from benchmarks.libero_pro.simulation import Simulation

_BOX, _SPHERE, _CAPSULE, _CYLINDER, _MESH = (
    int(kind) for kind in (
        mujoco.mjtGeom.mjGEOM_BOX, mujoco.mjtGeom.mjGEOM_SPHERE, mujoco.mjtGeom.mjGEOM_CAPSULE,
        mujoco.mjtGeom.mjGEOM_CYLINDER, mujoco.mjtGeom.mjGEOM_MESH,
    )
)
_CORNERS = np.array(list(itertools.product((-1.0, 1.0), repeat=3)))
_ANGLES = np.linspace(0.0, 2 * np.pi, 16, endpoint=False)


@dataclass(frozen=True)
class Solid:
    """What a thing takes up.

    Attributes:
        points: (N, 3) on its surface, in the world [m].
    """

    points: np.ndarray

    @property
    def low(self) -> np.ndarray:
        """(3,) least coordinates [m]."""
        return self.points.min(axis=0)

    @property
    def high(self) -> np.ndarray:
        """(3,) greatest coordinates [m]."""
        return self.points.max(axis=0)

    def width(self, yaw: float) -> float:
        """Extent along a horizontal direction [m]."""
        along = self.points[:, :2] @ np.array([np.cos(yaw), np.sin(yaw)])
        return float(along.max() - along.min())

    def middle(self, yaw: float) -> float:
        """The middle of that extent, along the direction [m]."""
        along = self.points[:, :2] @ np.array([np.cos(yaw), np.sin(yaw)])
        return float((along.max() + along.min()) / 2)


def solid(simulation: Simulation, thing: str) -> Solid:
    """The collision shape of a thing where it is now. Raises KeyError."""
    root, (model, data) = simulation.body(thing), simulation.physics
    points = [
        data.geom_xpos[geom] + _surface(model, geom) @ data.geom_xmat[geom].reshape(3, 3).T
        for geom in range(model.ngeom)
        if _descends(model, model.geom_bodyid[geom], root) and model.geom_contype[geom]
    ]
    return Solid(np.concatenate(points))


def _descends(model: mujoco.MjModel, body: int, root: int) -> bool:
    while body not in (0, root):
        body = model.body_parentid[body]
    return body == root


def _surface(model: mujoco.MjModel, geom: int) -> np.ndarray:
    """(N, 3) points on a geom, in its own frame [m]."""
    kind, size = int(model.geom_type[geom]), model.geom_size[geom]
    if kind == _MESH:
        mesh = model.geom_dataid[geom]
        start = model.mesh_vertadr[mesh]
        return np.array(model.mesh_vert[start:start + model.mesh_vertnum[mesh]])
    if kind in (_CYLINDER, _CAPSULE):
        ring = size[0] * np.stack([np.cos(_ANGLES), np.sin(_ANGLES), 0 * _ANGLES], 1)
        half = size[1] + (size[0] if kind == _CAPSULE else 0.0)
        return np.concatenate([ring - [0.0, 0.0, half], ring + [0.0, 0.0, half]])
    if kind == _SPHERE:
        return size[0] * np.concatenate([np.eye(3), -np.eye(3)])
    if kind == _BOX:
        return _CORNERS * size
    raise NotImplementedError(f'no surface of a geom of kind {kind}')
