"""What is put in something wide enough is let go below its rim, with the fingers above it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vls_core.rewards.program import Place
from vls_core.types import Keypoint, ObjectKind, Scene, SceneObject
from vls_core.vlm.author import AuthorRequest
from vls_core.vlm.offline import OfflineAuthor
from vls_core.vlm.offline.verbs import ABOVE_RIM, INSERT_DEPTH, ROOM_TO_SINK


def scene_of(carton, grasp, basket):
    """A carton and a basket on the table, with their sizes [m] and where the carton is taken."""
    taken_at = Keypoint('grasp', np.array([0.5, -0.2, grasp]), 1e-6 * np.eye(3))
    return Scene(0.0, (
        SceneObject(
            'milk carton', ObjectKind.GRASPABLE, np.array([0.5, -0.2, carton[2] / 2]),
            np.array(carton), (taken_at,),
        ),
        SceneObject('basket', ObjectKind.SURFACE, np.array([0.5, 0.2, basket[2] / 2]),
                    np.array(basket)),
    ))


def lowered(preposition, scene):
    """How far below the top of the basket the carton is let go [m]."""
    sentence = f'put the milk carton {preposition} the basket'
    program = OfflineAuthor().write(AuthorRequest(sentence, scene)).program
    (place,) = (term for stage in program.stages for term in stage.terms
                if isinstance(term, Place))
    return -place.offset[2]


def test_a_tall_thing_is_let_go_between_the_walls():
    scene = scene_of((0.05, 0.05, 0.12), 0.09, (0.15, 0.15, 0.08))
    assert lowered('in', scene) == pytest.approx(0.04)
    assert lowered('on', scene) == 0.0


def test_a_thing_that_hardly_fits_is_let_go_on_top():
    assert lowered('in', scene_of((0.05, 0.05, 0.12), 0.09, (0.15, 0.08, 0.08))) == 0.0


@given(*[st.floats(low, high) for low, high in ((0.03, 0.2), (0.0, 1.0), (0.03, 0.15))],
       st.floats(0.1, 0.3))
def test_fingers_stay_above_the_rim_and_things_within_reach_of_the_floor(
    height, held_at, walls, width
):
    scene = scene_of((0.05, 0.05, height), held_at * height, (width, width, walls))
    sunk = lowered('in', scene)
    assert 0.0 <= sunk <= INSERT_DEPTH * walls + 5e-4
    assert sunk == 0.0 or held_at * height - sunk >= ABOVE_RIM - 5e-4
    assert sunk == 0.0 or width >= 0.05 + ROOM_TO_SINK
