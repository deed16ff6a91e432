"""`vls author`: from an instruction and a scene or pictures to a program and a drawing."""

import json
from pathlib import Path

import cv2
import mujoco
import numpy as np
import pytest
from typer.testing import CliRunner

from vls.application import app
from vls.stage_probe import probes
from vls_core.grounding.camera import DEMO_FRONT_CAMERA
from vls_core.rewards.code.evaluator import InProcessEvaluator
from vls_core.rewards.program import Code, Elapsed, Reach, RewardProgram, Stage
from vls_core.rewards.program_file import read_json
from vls_core.rewards.scene_file import load_scene
from vls_core.types import UnknownObjectError
from vls_sim.camera_renderer import CameraRenderer
from vls_sim.scene_layout import lay_out
from vls_sim.scene_model import build_simulator, place_objects

SCENE_FILE = (
    Path(__file__).resolve().parents[2] / 'vls_core' / 'test' / 'programs' / 'scene.json'
)
SCENE = load_scene(SCENE_FILE)
PLACE = 'put the red cube on the plate'


def author(*words):
    result = CliRunner().invoke(app, ['author', *map(str, words)])
    return result.exit_code, ' '.join((result.stdout + result.stderr).split())


@pytest.fixture(scope='module')
def pictures(tmp_path_factory):
    """Colour and depth files of the simulated scene."""
    simulator, _ = build_simulator()
    folder = tmp_path_factory.mktemp('pictures')
    with simulator:
        simulator.start()
        place_objects(simulator.model, simulator.data, lay_out(4, 'none'))
        mujoco.mj_forward(simulator.model, simulator.data)
        renderer = CameraRenderer(simulator.model)
        image = renderer.render(simulator.data, DEMO_FRONT_CAMERA)
        renderer.close()
    cv2.imwrite(str(folder / 'color.png'), image.colour[:, :, ::-1])
    cv2.imwrite(str(folder / 'depth.png'), image.depth)
    return folder


def test_a_scene_is_enough(tmp_path):
    out, file = tmp_path / 'drawing.png', tmp_path / 'program.json'
    code, output = author(PLACE, '--scene', SCENE_FILE, '--out', out, '--program', file)
    assert code == 0, output
    assert 'written by: offline rules' in output
    assert 'accepted' in output
    program = read_json(file.read_text())
    assert (program.subject, program.target) == ('red cube', 'plate')
    picture = cv2.imread(str(out))
    assert min(picture.shape[:2]) > 800
    assert picture.std() > 20


def test_pictures_are_looked_at(pictures, tmp_path):
    out = tmp_path / 'drawing.png'
    code, output = author(
        PLACE, '--image', pictures / 'color.png', '--depth', pictures / 'depth.png', '--out', out
    )
    assert code == 0, output
    assert 'red cube' in output.split('red cube → plate')[0]
    assert out.exists()


@pytest.mark.parametrize('instruction', ['dance', 'put the unicorn on the plate'])
def test_what_is_not_understood_is_exit_code_1(instruction, tmp_path):
    out = tmp_path / 'drawing.png'
    code, output = author(instruction, '--scene', SCENE_FILE, '--out', out)
    assert code == 1
    assert 'vls:' in output
    assert 'Traceback' not in output
    assert not out.exists()


def camera_file(folder, **changes):
    values = {
        'width': 640, 'height': 480, 'fx': 579.0, 'fy': 579.0, 'cx': 319.5, 'cy': 239.5,
        'position': [1.15, 0.0, 0.75], 'quaternion': [0.0, 1.0, 0.0, 0.0], **changes,
    }
    path = folder / 'camera.json'
    path.write_text(json.dumps(values))
    return path


@pytest.mark.parametrize(('words', 'answer'), [
    ((), '--image and --depth'),
    (('--image', SCENE_FILE), '--image and --depth'),
    (('--image', SCENE_FILE, '--depth', SCENE_FILE), 'no picture'),
    (('--image', 'no.png', '--depth', 'no.png'), 'no.png'),
    (('--scene', 'nowhere.json'), 'nowhere.json'),
    (('--scene', SCENE_FILE, '--base-url', 'nonsense'), 'nonsense'),
    (('--scene', SCENE_FILE, '--base-url', 'http://127.0.0.1:9/v1', '--model', 'm'), '127.0.0.1'),
])
def test_trouble_of_the_tool_itself_is_exit_code_2(words, answer, tmp_path):
    code, output = author(PLACE, '--out', tmp_path / 'drawing.png', *words)
    assert code == 2
    assert answer in output
    assert 'Traceback' not in output


def test_pictures_that_do_not_fit_the_camera_are_named(tmp_path):
    cv2.imwrite(str(tmp_path / 'color.png'), np.zeros((48, 64, 3), np.uint8))
    cv2.imwrite(str(tmp_path / 'depth.png'), np.zeros((48, 64), np.uint16))
    files = ('--image', tmp_path / 'color.png', '--depth', tmp_path / 'depth.png')
    code, output = author(PLACE, *files)
    assert code == 2
    assert '--camera' in output
    code, output = author(PLACE, *files, '--camera', camera_file(tmp_path, width=64, height=48))
    assert code == 2
    assert 'no object' in output
    for wrong in ({'fx': -1.0}, {'quaternion': [0, 0, 0, 0]}, {'colour': 'red'}):
        code, output = author(PLACE, *files, '--camera', camera_file(tmp_path, **wrong))
        assert code == 2
        assert 'camera.json is no camera' in output


def test_each_stage_begins_where_the_one_before_ends():
    program = RewardProgram(subject='mug', stages=tuple(
        Stage(name=name, terms=(Reach(object=name, height=0.1),), completion=(Elapsed(),))
        for name in ('mug', 'plate')
    ))
    first, second = probes(program, SCENE, None)
    assert np.allclose(first.end, SCENE['mug'].top + [0, 0, 0.1])
    assert np.allclose(second.start, first.end)
    assert second.way.total[-1] > second.way.total[0]
    best = np.unravel_index(second.field.values.argmax(), second.field.values.shape)
    assert best[0] > second.field.values.shape[0] / 4


def test_arrows_lead_to_the_goal():
    program = RewardProgram(subject='bowl', stages=(
        Stage(name='go', terms=(Reach(object='bowl', height=0.1),), completion=(Elapsed(),)),
    ))
    (probe,) = probes(program, SCENE, None)
    to_goal = probe.end[:2, None, None] - np.stack([probe.field.x, probe.field.y])
    along = np.stack([probe.field.along_x, probe.field.along_y])
    cosine = (to_goal * along).sum(0) / (
        np.linalg.norm(to_goal, axis=0) * np.linalg.norm(along, axis=0)
    )
    assert np.median(cosine) > 0.99


def test_code_is_drawn_only_with_something_to_run_it():
    source = (
        'def f(keypoints, trajectory):\n'
        '    return -torch.norm(trajectory[:, -1] - keypoints["mug"], dim=-1)\n'
    )
    program = RewardProgram(subject='mug', stages=(Stage(
        name='go', terms=(Code(name='mine', source=source, goal='mug'),), completion=(Elapsed(),)
    ),))
    (without,) = probes(program, SCENE, None)
    assert without.field is None
    assert 'no evaluator' in without.trouble
    (drawn,) = probes(program, SCENE, InProcessEvaluator())
    assert drawn.way.total[-1] > -0.01


def test_a_program_for_another_scene_is_not_drawn():
    program = RewardProgram(subject='cup', stages=(
        Stage(name='go', terms=(Reach(object='cup'),), completion=(Elapsed(),)),
    ))
    with pytest.raises(UnknownObjectError):
        probes(program, SCENE, None)
