"""The drawing shows what the scene says, where it says it."""

import numpy as np
import pytest

from vls_core.grounding.annotate import SCALE, annotate, numbered_keypoints
from vls_core.grounding.camera import DEMO_FRONT_CAMERA
from vls_core.types import Keypoint, ObjectKind, Scene, SceneObject

PICTURE = np.full((480, 640, 3), 90, np.uint8)


def an_object(name, position, last_seen=0.0):
    position = np.array(position, float)
    keypoints = tuple(
        Keypoint(label, position + (0, 0, height), np.eye(3) * 1e-6)
        for label, height in (('center', 0.0), ('top', 0.02))
    )
    extent = np.full(3, 0.04)
    return SceneObject(name, ObjectKind.GRASPABLE, position, extent, keypoints, last_seen)


def changed(scene):
    return (annotate(PICTURE, DEMO_FRONT_CAMERA, scene) != 90).any(axis=2)


def test_numbers_count_through_the_scene():
    scene = Scene(0.0, (an_object('cup', (0.4, 0, 0)), an_object('mug', (0.5, 0, 0))))
    numbered = [(number, item.name, key.name) for number, item, key in numbered_keypoints(scene)]
    assert numbered == [(1, 'cup', 'center'), (2, 'cup', 'top'), (3, 'mug', 'center'),
                        (4, 'mug', 'top')]


def test_marks_are_at_the_object_and_nowhere_else():
    scene = Scene(0.0, (an_object('cup', (0.45, 0.1, 0.02)),))
    rows, columns = np.nonzero(changed(scene))
    pixel, _ = DEMO_FRONT_CAMERA.project([[0.45, 0.1, 0.02]])
    assert np.abs(columns - SCALE * pixel[0, 0]).max() < 80
    assert np.abs(rows - SCALE * pixel[0, 1]).max() < 80


def test_an_empty_scene_leaves_the_picture_and_the_input_is_never_changed():
    assert not changed(Scene(0.0, ())).any()
    assert (PICTURE == 90).all()


def test_a_hidden_object_looks_different():
    seen = changed(Scene(5.0, (an_object('cup', (0.45, 0, 0.02), 5.0),)))
    hidden = changed(Scene(5.0, (an_object('cup', (0.45, 0, 0.02), 2.0),)))
    assert (seen != hidden).any()


@pytest.mark.parametrize('position', [(2.0, 0, 1.5), (-9, 5, 0), (1.15, 0, 0.75), (0.4, 0.9, 0)])
def test_objects_out_of_view_do_no_harm(position):
    changed(Scene(0.0, (an_object('cup', position),)))


def test_names_of_crowded_objects_do_not_cover_one_another():
    crowd = tuple(an_object(f'cup {index}', (0.4, 0.002 * index, 0.02)) for index in range(4))
    black_on_white = [changed(Scene(0.0, crowd[:count])).sum() for count in (1, 4)]
    assert black_on_white[1] > 2 * black_on_white[0]
