"""The spheres hold the real links, and a gradient on their clearance moves the elbow away."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from vls_core.control import fr3
from vls_core.kinematics import LINK_NAMES, forward_kinematics
from vls_core.rewards.arm import ARM_SPHERES, arm_clearance, sphere_centers, sphere_clearances
from vls_core.rewards.signed_distance import Box, Cylinder, Union

HOME = torch.tensor(fr3.HOME_JOINT_POSITIONS)
LINKS = ('fr3_link2', 'fr3_link3', 'fr3_link4', 'fr3_link5', 'fr3_link6', 'fr3_link7', 'fr3_hand')
FINGER_ORIGIN = np.array([0.0, 0.0, 0.0584])


@cache
def robot():
    """The manufacturer's robot, and a box that can be put anywhere."""
    mujoco = pytest.importorskip('mujoco')
    franky_sim = pytest.importorskip('franky_sim')
    assets = Path(franky_sim.__file__).parent / 'assets'
    spec = mujoco.MjSpec.from_file(str(assets / 'fr3.xml'))
    spec.meshdir = str(assets / 'meshes')
    box = spec.worldbody.add_body(name='box', mocap=True)
    box.add_geom(name='box', type=mujoco.mjtGeom.mjGEOM_BOX, size=[0.05, 0.08, 0.1])
    return spec.compile()


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
        rotation = np.zeros(9)
        mujoco.mju_quat2Mat(rotation, model.geom_quat[geom])
        corners = generator.dirichlet(np.ones(3), size=(1000, 1))
        area = np.linalg.norm(np.cross(faces[:, 1] - faces[:, 0], faces[:, 2] - faces[:, 0]),
                              axis=1)
        chosen = generator.choice(len(faces), 1000, p=area / area.sum())
        points = np.concatenate([vertices, (corners @ faces[chosen]).squeeze(1)])
        parts.append(points @ rotation.reshape(3, 3).T + model.geom_pos[geom])
    return np.concatenate(parts)


def link_surface(link, visual):
    if link != 'fr3_hand':
        return body_surface(link, visual)
    finger = body_surface('left_finger', visual) + FINGER_ORIGIN
    openings = np.linspace(0.0, 0.04, 5)[:, None] * [0.0, 1.0, 0.0]
    left = (finger + openings[:, None]).reshape(-1, 3)
    return np.concatenate([body_surface('hand', visual), left, left * [-1.0, -1.0, 1.0]])


@pytest.mark.parametrize(('visual', 'tolerance'), [(True, 0.003), (False, 0.008)],
                         ids=['visual', 'collision'])
@pytest.mark.parametrize('link', LINKS)
def test_the_meshes_of_a_link_are_inside_its_spheres(link, visual, tolerance):
    centers = np.array([center for name, center, _ in ARM_SPHERES if name == link])
    radii = np.array([radius for name, _, radius in ARM_SPHERES if name == link])
    surface = link_surface(link, visual)
    assert len(surface) > 1000
    outside = (np.linalg.norm(surface[:, None] - centers, axis=2) - radii).min(1)
    assert outside.max() < tolerance


@pytest.mark.parametrize('link', LINKS)
def test_no_sphere_stands_far_out_of_its_link(link):
    surface = link_surface(link, visual=True)
    spheres = [(center, radius) for name, center, radius in ARM_SPHERES if name == link]
    directions = np.random.default_rng(0).normal(size=(200, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    shells = np.concatenate([center + radius * directions for center, radius in spheres])
    buried = [np.linalg.norm(shells - center, axis=1) < radius - 1e-9
              for center, radius in spheres]
    proud = [np.linalg.norm(surface - point, axis=1).min()
             for point in shells[~np.any(buried, axis=0)]]
    assert np.mean(proud) < 0.02 and max(proud) < 0.06


def test_spheres_move_with_their_links():
    joints = torch.stack([HOME, HOME + 0.3])
    poses, centers = forward_kinematics(joints), sphere_centers(joints)
    for index, (link, center, _) in enumerate(ARM_SPHERES):
        place = LINK_NAMES.index(link)
        expected = (poses.rotations[:, place] @ torch.tensor(center).double()
                    + poses.positions[:, place])
        torch.testing.assert_close(centers[:, index], expected, atol=1e-7, rtol=0.0)


def test_clearance_is_measured_from_the_skin_of_the_nearest_sphere():
    joints = HOME.expand(2, 3, 7)
    nearest = ARM_SPHERES[9]
    center = sphere_centers(HOME)[9] + torch.tensor([0.0, nearest[2] + 0.03 + 0.01, 0.0])
    clearance = arm_clearance(joints, Cylinder(center.numpy(), 0.01, 0.02))
    assert clearance.shape == (2, 3)
    torch.testing.assert_close(clearance, torch.full((2, 3), 0.03).double(), atol=1e-5, rtol=0.0)


def test_clearance_is_that_of_the_meshes_and_rather_less():
    model = robot()
    import mujoco

    data, generator = mujoco.MjData(model), np.random.default_rng(0)
    still = {model.body(name).id for name in ('world', 'base', 'fr3_link0', 'fr3_link1', 'box')}
    solid = [geom for geom in range(model.ngeom)
             if model.geom_contype[geom] and model.geom_bodyid[geom] not in still]
    box, missing = model.geom('box').id, []
    for _ in range(200):
        joints = generator.uniform(fr3.JOINT_LOWER_LIMITS, fr3.JOINT_UPPER_LIMITS)
        center = generator.uniform([-0.6, -0.6, 0.0], [0.6, 0.6, 1.1])
        data.qpos[:7], data.qpos[7:] = joints, generator.uniform(0.0, 0.04)
        data.mocap_pos[0] = center
        mujoco.mj_forward(model, data)
        between = min(mujoco.mj_geomDistance(model, data, geom, box, 2.0, None) for geom in solid)
        if between > 0.02:
            clearance = arm_clearance(torch.tensor(joints), Box(center, (0.1, 0.16, 0.2)))
            missing.append(between - clearance.item())
    assert len(missing) > 100
    assert min(missing) > -0.005 and np.mean(missing) < 0.02 and max(missing) < 0.06


def test_gradients_agree_with_finite_differences():
    distance = Union((Box((0.3, 0.2, 0.5), (0.1, 0.1, 0.3)), Cylinder((0.6, 0, 0.1), 0.05, 0.2)))
    joints = (HOME + 0.1 * torch.randn(2, 2, 7, generator=torch.Generator().manual_seed(0)))
    assert torch.autograd.gradcheck(
        lambda joints: sphere_clearances(joints, distance), joints.requires_grad_(True)
    )


def test_at_home_the_arm_is_clear_of_the_table_and_above_its_own_base():
    table = Box((0.5, 0.0, -0.05), (1.0, 1.2, 0.1))
    base = Box((-0.04, 0.0, 0.07), (0.23, 0.19, 0.14))
    assert arm_clearance(HOME, table) > 0.1
    assert arm_clearance(HOME, base) > 0.0


def swinging_elbow(steps):
    """A joint-space chunk (steps, 7) whose elbow swings aside while the hand stays."""
    joints, chunk = HOME.clone(), []
    for _ in range(steps):
        chunk.append(joints)
        _, _, rows = torch.linalg.svd(forward_kinematics(joints).jacobian())
        joints = joints + 0.05 * rows[-1] * rows[-1, 0].sign()
    return torch.stack(chunk)


def test_guidance_takes_the_elbow_out_of_a_box_and_leaves_the_hand_where_it_was():
    chunk = swinging_elbow(16)
    planned = forward_kinematics(chunk).positions[:, -1]
    elbow = sphere_centers(chunk)[:, 6]
    swing = (elbow[-1] - elbow[0]) / (elbow[-1] - elbow[0]).norm()
    box = Box((elbow[-1] + 0.11 * swing).numpy(), (0.12, 0.12, 0.12))
    assert arm_clearance(chunk, box).amin() < -0.02 and box(planned).amin() > 0.4

    guided = chunk.clone()
    for _ in range(20):
        guided.requires_grad_(True)
        missing = torch.relu(0.02 - sphere_clearances(guided, box)).square().sum()
        strayed = (forward_kinematics(guided).positions[:, -1] - planned).square().sum()
        (gradient,) = torch.autograd.grad(missing + 0.3 * strayed, guided)
        guided = (guided - 2.0 * gradient).detach()
    assert arm_clearance(guided, box).amin() > 0.005
    assert (forward_kinematics(guided).positions[:, -1] - planned).norm(dim=-1).amax() < 0.03
