"""The MuJoCo model: franky_sim's FR3, a table, the catalogue's objects, lights and cameras."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Sequence

import mujoco
import numpy as np
from franky_sim.mujoco_simulator import FrankaMujocoRobot, MujocoSimulator

from vls_core.control import fr3
from vls_core.grounding.camera import DEMO_FRONT_CAMERA, DEMO_WRIST_CAMERA, CameraModel
from vls_core.types import BASE_FRAME, MAXIMUM_GRIPPER_WIDTH, ObjectKind
from vls_sim import scene_catalogue as catalogue
from vls_sim.lean_robot import LeanSimulator
from vls_sim.scene_catalogue import CatalogueItem
from vls_sim.scene_layout import SceneLayout

ROBOT_PREFIX = 'robot0_'
HAND_BODY = f'{ROBOT_PREFIX}hand'
FINGER_BODIES = (f'{ROBOT_PREFIX}left_finger', f'{ROBOT_PREFIX}right_finger')

GROUND_HEIGHT = -0.6
TIMESTEP = 0.001
"""Length of a physics step, also the period of the robot's control loop [s]."""

IDLE_DAMPING = (150.0, 150.0, 120.0, 120.0, 40.0, 40.0, 25.0)
"""Of the controller that holds the arm while no motion runs [Nm s/rad]; franky_sim's own values
make the wrist chatter at the step rate and lag by 100 ms."""

_CUBE_MASS = 0.05
_BOTTLE_MASS = 0.3
_TABLE_THICKNESS = 0.04


def build_simulator(
    cameras: Sequence[CameraModel] = (DEMO_FRONT_CAMERA, DEMO_WRIST_CAMERA),
) -> tuple[MujocoSimulator, FrankaMujocoRobot]:
    """The whole scene, not started yet: enter it as a context, or hand it to a SimulationServer.

    The arm starts at home with the gripper open; objects start at their nominal places.
    """
    simulator = LeanSimulator()
    robot = simulator.add_robot(
        initial_q=tuple(float(angle) for angle in fr3.HOME_JOINT_POSITIONS),
        initial_hand_width=MAXIMUM_GRIPPER_WIDTH,
        kv=IDLE_DAMPING,
    )
    _set_options(simulator.scene)
    _set_surroundings(simulator.scene, simulator.worldbody)
    for item in catalogue.CATALOGUE:
        _add_object(simulator.worldbody, item)
    for camera in cameras:
        _add_camera(simulator.worldbody, camera)
    return simulator, robot


def place_objects(model: mujoco.MjModel, data: mujoco.MjData, layout: SceneLayout) -> None:
    """Puts all objects where the layout says, at rest; leaves the robot alone."""
    for item in catalogue.CATALOGUE:
        position = layout.positions[item.name]
        if item.kind is ObjectKind.SURFACE:
            data.mocap_pos[model.body(item.name).mocapid[0]] = position
            continue
        joint = model.joint(item.name)
        address, velocity = joint.qposadr[0], joint.dofadr[0]
        data.qpos[address : address + 7] = [*position, 1.0, 0.0, 0.0, 0.0]
        data.qvel[velocity : velocity + 6] = 0.0


def object_pose(
    model: mujoco.MjModel, data: mujoco.MjData, name: str
) -> tuple[np.ndarray, np.ndarray]:
    """True centre (3,) [m] and rotation (3, 3) of an object in the base frame."""
    body = data.body(name)
    return body.xpos.copy(), body.xmat.reshape(3, 3).copy()


def robot_bodies(model: mujoco.MjModel) -> frozenset[int]:
    """Numbers of the bodies of arm and hand."""
    return frozenset(
        number for number in range(model.nbody)
        if model.body(number).name.startswith(ROBOT_PREFIX)
    )


def _set_options(scene: ElementTree.Element) -> None:
    # Elliptic cones and a high impratio, or grasped objects slip out of the fingers.
    option = _child(scene, 'option')
    option.attrib.update(cone='elliptic', impratio='10', timestep=str(TIMESTEP))
    visual = _child(scene, 'visual')
    _child(visual, 'quality').attrib.update(shadowsize='0', offsamples='0')
    _child(visual, 'headlight').attrib.update(
        ambient='0.35 0.35 0.35', diffuse='0.35 0.35 0.35', specular='0 0 0'
    )
    widths = [camera.width for camera in (DEMO_FRONT_CAMERA, DEMO_WRIST_CAMERA)]
    heights = [camera.height for camera in (DEMO_FRONT_CAMERA, DEMO_WRIST_CAMERA)]
    ElementTree.SubElement(
        visual, 'global', offwidth=str(max(widths)), offheight=str(max(heights))
    )
    # MuJoCo measures the clipping planes in extents of the scene.
    ElementTree.SubElement(visual, 'map', znear='0.01', zfar='10')
    ElementTree.SubElement(scene, 'statistic', extent='1')


def _set_surroundings(scene: ElementTree.Element, world: ElementTree.Element) -> None:
    ElementTree.SubElement(
        _child(scene, 'asset'), 'texture', name='backdrop', type='skybox', builtin='flat',
        rgb1='0.55 0.55 0.55', rgb2='0.55 0.55 0.55', width='16', height='16',
    )
    for light in world.findall('light'):
        world.remove(light)
    ElementTree.SubElement(
        world, 'light', name='ceiling', directional='true', pos='0.8 0.6 3', dir='-0.2 -0.2 -1',
        diffuse='0.45 0.45 0.45', specular='0 0 0', castshadow='false',
    )
    ground = world.find("geom[@name='ground']")
    del ground.attrib['material']
    ground.attrib.update(pos=f'0 0 {GROUND_HEIGHT}', rgba='0.35 0.35 0.35 1')
    (low_x, high_x), (low_y, high_y) = catalogue.TABLE_X, catalogue.TABLE_Y
    _static_box(
        world, 'table', '0.16 0.16 0.16 1',
        (low_x, low_y, -_TABLE_THICKNESS), (high_x, high_y, 0.0),
    )
    _static_box(
        world, 'pedestal', '0.30 0.30 0.30 1', (-0.20, -0.15, GROUND_HEIGHT), (0.12, 0.15, -0.001)
    )


def _static_box(
    world: ElementTree.Element, name: str, colour: str, low: Iterable[float],
    high: Iterable[float],
) -> None:
    low, high = np.array(low), np.array(high)
    ElementTree.SubElement(
        world, 'geom', name=name, type='box', rgba=colour,
        pos=_text((low + high) / 2), size=_text((high - low) / 2),
    )


def _add_object(world: ElementTree.Element, item: CatalogueItem) -> None:
    body = ElementTree.SubElement(
        world, 'body', name=item.name, pos=_text([*item.nominal, item.resting_height])
    )
    if item.kind is ObjectKind.SURFACE:
        body.set('mocap', 'true')
    else:
        ElementTree.SubElement(body, 'freejoint', name=item.name)
    half = np.array(item.extent) / 2
    if item.kind is ObjectKind.GRASPABLE:
        # condim 4: fingers resist twisting as soft finger pads do.
        _add_geom(body, item, 'box', half, mass=str(_CUBE_MASS), condim='4')
    elif item is catalogue.PLATE:
        _add_geom(body, item, 'cylinder', half[1:])
    elif item is catalogue.BOTTLE:
        _add_geom(body, item, 'cylinder', half[1:], mass=str(_BOTTLE_MASS))
    else:
        _add_tray(body, item)


def _add_tray(body: ElementTree.Element, item: CatalogueItem) -> None:
    side, height = item.extent[0] / 2, item.extent[2] / 2
    floor, rim = catalogue.TRAY_FLOOR / 2, catalogue.TRAY_RIM_WIDTH / 2
    _add_geom(body, item, 'box', (side, side, floor), pos=_text((0, 0, floor - height)))
    for sign in (-1, 1):
        offset = sign * (side - rim)
        _add_geom(body, item, 'box', (rim, side, height), pos=_text((offset, 0, 0)))
        _add_geom(body, item, 'box', (side, rim, height), pos=_text((0, offset, 0)))


def _add_geom(
    body: ElementTree.Element, item: CatalogueItem, shape: str, size: Iterable[float],
    **attributes: str,
) -> None:
    ElementTree.SubElement(
        body, 'geom', type=shape, size=_text(size), rgba=_text(item.colour), **attributes
    )


def _add_camera(world: ElementTree.Element, camera: CameraModel) -> None:
    # MuJoCo's cameras look along -z with y up: half a turn about x from the optical frame.
    x, y, z, w = camera.quaternion
    half_turned = (-x, w, z, -y)
    position = np.array(camera.position)
    parent = world
    if camera.parent_frame != BASE_FRAME:
        parent = world.find(f".//body[@name='{HAND_BODY}']")
        position = position + [0.0, 0.0, fr3.HAND_TO_END_EFFECTOR]
    ElementTree.SubElement(
        parent, 'camera', name=camera.name, pos=_text(position), quat=_text(half_turned),
        fovy=repr(float(np.rad2deg(camera.vertical_field_of_view))),
    )


def _child(element: ElementTree.Element, name: str) -> ElementTree.Element:
    child = element.find(name)
    return ElementTree.SubElement(element, name) if child is None else child


def _text(values: Iterable[float]) -> str:
    return ' '.join(repr(float(value)) for value in values)
