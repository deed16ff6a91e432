"""The manufacturer's meshes of the arm, as MuJoCo loads them, to hold the capsules against."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from vls_core.control.arm_geometry import FINGERS, HAND, LINKS, PARTS

FINGER_TRAVEL = 0.04
FINGER_BODIES = ('left_finger', 'right_finger')
BODIES = {
    **{link: (f'fr3_{link}',) for link in LINKS}, HAND: ('hand',), FINGERS: FINGER_BODIES,
}
_POINTS = 4000
_SLICES = 8


def mesh_folder():
    franky_sim = pytest.importorskip('franky_sim')
    return Path(franky_sim.__file__).parent / 'assets' / 'meshes'


def _specification():
    mujoco = pytest.importorskip('mujoco')
    specification = mujoco.MjSpec.from_file(str(mesh_folder().parent / 'fr3.xml'))
    specification.meshdir = str(mesh_folder())
    return specification


@cache
def robot():
    return _specification().compile()


@cache
def sliced_robot():
    """The robot with link5's collision mesh in slices.

    MuJoCo collides convex hulls, and that of the whole link fills the hollow the wrist turns in.
    """
    import mujoco

    points = body_surface('fr3_link5', visual=False)
    specification = _specification()
    body = specification.body('fr3_link5')
    specification.delete(specification.geom('fr3_link5_collision'))
    edges = np.linspace(points[:, 2].min(), points[:, 2].max(), _SLICES + 1)
    for index, (low, high) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
        name = f'link5_slice{index}'
        inside = (points[:, 2] >= low - 1e-3) & (points[:, 2] <= high + 1e-3)
        specification.add_mesh(name=name, uservert=points[inside].ravel())
        body.add_geom(name=name, type=mujoco.mjtGeom.mjGEOM_MESH, meshname=name)
    return specification.compile()


@cache
def body_surface(name, visual):
    """Vertices of a body's meshes and points spread over their faces (N, 3), in its frame."""
    import mujoco

    model, parts, generator = robot(), [], np.random.default_rng(0)
    for geom in np.flatnonzero(model.geom_bodyid == model.body(name).id):
        mesh = model.geom_dataid[geom]
        if mesh < 0 or (model.geom_contype[geom] == 0) != visual:
            continue
        first, count = model.mesh_vertadr[mesh], model.mesh_vertnum[mesh]
        vertices = model.mesh_vert[first : first + count]
        first, count = model.mesh_faceadr[mesh], model.mesh_facenum[mesh]
        faces = vertices[model.mesh_face[first : first + count]]
        sides = np.cross(faces[:, 1] - faces[:, 0], faces[:, 2] - faces[:, 0])
        area = np.linalg.norm(sides, axis=1)
        chosen = generator.choice(len(faces), _POINTS, p=area / area.sum())
        corners = generator.dirichlet(np.ones(3), size=(_POINTS, 1))
        points = np.concatenate([vertices, (corners @ faces[chosen]).squeeze(1)])
        rotation = np.zeros(9)
        mujoco.mju_quat2Mat(rotation, model.geom_quat[geom])
        parts.append(points @ rotation.reshape(3, 3).T + model.geom_pos[geom])
    return np.concatenate(parts)


def part_surface(data, part, visual):
    """Points of a part (N, 3) in the base frame, where `data` of `robot` has it."""
    surfaces = []
    for name in BODIES[part]:
        body = data.body(name)
        surfaces.append(body_surface(name, visual) @ body.xmat.reshape(3, 3).T + body.xpos)
    return np.concatenate(surfaces)


@cache
def part_of_body(model):
    """The part that the body of a number belongs to, in a model of the robot."""
    return {model.body(name).id: part for part in PARTS for name in BODIES[part]}
