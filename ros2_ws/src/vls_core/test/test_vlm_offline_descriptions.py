"""Descriptions single out the object a person would point at, or none at all."""

import pytest
from table_scene import thing

from vls_core.types import ObjectKind, Scene
from vls_core.vlm.author import AuthorRequest, NotUnderstoodError
from vls_core.vlm.offline import OfflineAuthor

SCENE = Scene(0.0, (
    thing('plate', ObjectKind.SURFACE, (0.50, 0.0), (0.15, 0.15, 0.012)),
    thing('small ball', at=(0.50, 0.20), size=(0.02, 0.02, 0.02)),
    thing('big ball', at=(0.50, -0.20), size=(0.06, 0.06, 0.06)),
    thing('near ball', at=(0.33, 0.02), size=(0.04, 0.04, 0.04)),
    thing('far ball', at=(0.70, 0.01), size=(0.03, 0.03, 0.09)),
    thing('post', ObjectKind.OBSTACLE, (0.72, 0.35), (0.05, 0.05, 0.30)),
    thing('cup', at=(0.72, -0.30)),
))


def picked(phrase, scene=SCENE):
    return OfflineAuthor().write(AuthorRequest(f'pick up {phrase}', scene)).program.subject


@pytest.mark.parametrize(('phrase', 'name'), [
    ('the leftmost ball', 'small ball'),
    ('the rightmost ball', 'big ball'),
    ('the frontmost ball', 'near ball'),
    ('the rearmost ball', 'far ball'),
    ('the biggest ball', 'big ball'),
    ('the smallest sphere', 'small ball'),
    ('the tallest ball', 'far ball'),
    ('the ball left of the plate', 'small ball'),
    ('the ball to the right of the plate', 'big ball'),
    ('the ball in front of the plate', 'near ball'),
    ('the ball behind the plate', 'far ball'),
    ('the ball that is behind the plate', 'far ball'),
    ('the ball nearest to the cup', 'big ball'),
    ('the ball farthest from the post', 'big ball'),
    ('the ball between the post and the cup', 'far ball'),
])
def test_one_of_several_is_found(phrase, name):
    assert picked(phrase) == name


def test_the_other_one_is_found_if_there_is_just_one():
    two = Scene(0.0, tuple(item for item in SCENE.objects
                           if item.name in ('plate', 'near ball', 'far ball')))
    program = OfflineAuthor().write(
        AuthorRequest('put the near ball on the other ball', two)).program
    assert (program.subject, program.target) == ('near ball', 'far ball')


@pytest.mark.parametrize(('phrase', 'reason'), [
    ('the other ball', 'other than what'),
    ('the ball in the plate', 'there is no "ball" on the plate|there is no "ball" in the plate'),
    ('the ball on the plate', 'there is no "ball" on the plate'),
    ('the ball', 'could be any of: small ball, big ball, near ball, far ball'),
])
def test_what_is_not_unique_or_not_there_is_refused(phrase, reason):
    with pytest.raises(NotUnderstoodError, match=reason):
        picked(phrase)


def test_differences_as_small_as_the_noise_of_perception_decide_nothing():
    scene = Scene(0.0, (thing('red ball', at=(0.4, 0.100)), thing('blue ball', at=(0.6, 0.105))))
    with pytest.raises(NotUnderstoodError, match='red ball, blue ball'):
        picked('the leftmost ball', scene)


def test_what_lies_on_something_is_found_there():
    on_plate = thing('red ball', at=(0.52, 0.01))
    raised = type(on_plate)('red ball', on_plate.kind, on_plate.center + [0, 0, 0.012],
                            on_plate.extent)
    assert picked('the ball on the plate', Scene(0.0, (*SCENE.objects, raised))) == 'red ball'
    assert picked('the ball from the plate', Scene(0.0, (*SCENE.objects, raised))) == 'red ball'
