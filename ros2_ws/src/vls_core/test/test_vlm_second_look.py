"""A model that finds the wrong mark from another view stops the task, and loudly."""

import base64
import dataclasses
import re

import cv2
import numpy as np
import pytest
from fake_endpoint import FakeEndpoint, completion
from table_scene import table_scene, thing

from vls_core.grounding.annotate import SCALE, numbered_keypoints
from vls_core.grounding.camera import DEMO_FRONT_CAMERA
from vls_core.rewards.program import ReachPoint
from vls_core.types import Keypoint, Scene
from vls_core.vlm.author import AuthorRequest, MalformedAnswerError, SecondLookError, View
from vls_core.vlm.client import AuthoringSettings, EndpointAuthor, EndpointSettings
from vls_core.vlm.layout import pick_and_place
from vls_core.vlm.second_look import draw


def with_points(item):
    points = [Keypoint(name, item.center + (0, 0, height), np.zeros((3, 3)))
              for name, height in (('center', 0.0), ('top', item.extent[2] / 2))]
    if item.name == 'jug':
        points.append(Keypoint('handle', item.center + (0, 0.06, 0), np.zeros((3, 3))))
    return dataclasses.replace(item, keypoints=tuple(points))


SCENE = Scene(0.0, tuple(
    with_points(item) for item in table_scene(thing('jug', at=(0.5, 0.0))).objects
))  # fmt: skip
MARKS = {f'{item.name}.{point.name}': number for number, item, point in numbered_keypoints(SCENE)}
GREY = np.full((DEMO_FRONT_CAMERA.height, DEMO_FRONT_CAMERA.width, 3), 90, np.uint8)
VIEW = View(GREY, DEMO_FRONT_CAMERA)
REQUEST = AuthorRequest('put the red cube on the plate', SCENE, b'png', (VIEW,))
PROGRAM = pick_and_place('red cube', 'plate', ('bottle',), inside=False)


def answer(program=PROGRAM):
    return completion({'outcome': 'program', 'program': program.model_dump(mode='json'),
                       'missing': [], 'explanation': ''}, usage=(100, 10))


def pointing(program=PROGRAM, **marks):
    """Writes the program, and then points at these marks when asked for them."""
    asked = {name.replace('_', ' '): mark for name, mark in marks.items()}

    def script(body):
        text = body['messages'][-1]['content'][0]['text']
        if 'Which mark' not in text:
            return answer(program)
        name = re.search(r'"(.*?)"', text).group(1)
        return completion({'mark': asked[name], 'reason': 'seen'}, usage=(50, 5))

    return script


def write(server, request=REQUEST, second_look=True):
    steps = []
    authored = EndpointAuthor(
        EndpointSettings(server.base_url, 'small-model'),
        authoring=AuthoringSettings(second_look=second_look),
    ).write(request, steps.append)
    return authored, steps


def test_subject_and_target_are_asked_for_and_any_of_their_marks_will_do():
    script = pointing(red_cube=MARKS['red cube.center'], plate=MARKS['plate.top'])
    with FakeEndpoint(script) as server:
        authored, steps = write(server)
        assert len(server.requests) == 3
    assert authored.program == PROGRAM
    assert f'second look: found the plate at mark {MARKS["plate.top"]}' in steps
    assert authored.usage.questions == 3
    assert authored.usage.prompt_tokens == 200


@pytest.mark.parametrize(('marks', 'name', 'shown'), [
    ({'red_cube': MARKS['green cube.top'], 'plate': MARKS['plate.top']},
     'red cube', 'green cube.top'),
    ({'red_cube': MARKS['red cube.top'], 'plate': MARKS['tray.top']}, 'plate', 'tray.top'),
])
def test_a_disagreement_names_both_and_stops_the_task(marks, name, shown):
    with (
        FakeEndpoint(pointing(**marks)) as server,
        pytest.raises(SecondLookError, match=f'"{name}".*"{shown}') as caught,
    ):
        write(server)
    assert caught.value.name == name


@pytest.mark.parametrize('mark', [0, 999])
def test_pointing_at_nothing_is_a_disagreement(mark):
    script = pointing(red_cube=mark, plate=MARKS['plate.top'])
    with FakeEndpoint(script) as server, pytest.raises(SecondLookError, match='none of the marks'):
        write(server)


def test_a_point_with_a_name_of_its_own_needs_its_very_mark():
    first = PROGRAM.stages[0]
    terms = (*first.terms, ReachPoint(keypoint='jug.handle'))
    program = PROGRAM.model_copy(update={
        'stages': (first.model_copy(update={'terms': terms}), *PROGRAM.stages[1:])
    })
    marks = {'red_cube': MARKS['red cube.top'], 'plate': MARKS['plate.top']}
    with FakeEndpoint(pointing(program, **marks, handle=MARKS['jug.handle'])) as server:
        write(server)
        questions = str(server.requests)
    assert 'the part "handle" of the object "jug"' in questions
    with (
        FakeEndpoint(pointing(program, **marks, handle=MARKS['jug.top'])) as server,
        pytest.raises(SecondLookError, match='jug.handle'),
    ):
        write(server)


def test_nothing_is_asked_unless_it_is_wanted():
    with FakeEndpoint(answer()) as server:
        write(server, second_look=False)
        assert len(server.requests) == 1


def test_without_a_plain_picture_nothing_is_asked_and_a_step_says_so():
    with FakeEndpoint(answer()) as server:
        _, steps = write(server, dataclasses.replace(REQUEST, views=()))
        assert len(server.requests) == 1
    assert 'no second look: there is no picture without names' in steps


def test_what_is_hidden_or_out_of_view_is_not_asked_for():
    hidden = tuple(dataclasses.replace(item, last_seen=0.0 if item.name == 'plate' else 5.0)
                   for item in SCENE.objects)
    request = dataclasses.replace(REQUEST, scene=Scene(5.0, hidden))
    with FakeEndpoint(pointing(red_cube=MARKS['red cube.top'])) as server:
        _, steps = write(server, request)
    assert 'no second look at the plate: it is not in view or has no mark' in steps


def test_an_answer_without_a_number_is_a_named_error():
    def script(body):
        text = body['messages'][-1]['content'][0]['text']
        return completion('over there') if 'Which mark' in text else answer()

    with FakeEndpoint(script) as server, pytest.raises(MalformedAnswerError, match='which mark'):
        write(server)


def sent_picture(server):
    url = server.requests[-1]['messages'][-1]['content'][1]['image_url']['url']
    content = np.frombuffer(base64.b64decode(url.split(',')[1]), np.uint8)
    return cv2.imdecode(content, cv2.IMREAD_COLOR)


def test_the_only_camera_gives_a_close_up_and_a_second_one_its_whole_picture():
    script = pointing(red_cube=MARKS['red cube.top'], plate=MARKS['plate.top'])
    whole = (SCALE * GREY.shape[0], SCALE * GREY.shape[1], 3)
    with FakeEndpoint(script) as server:
        write(server)
        assert sent_picture(server).shape != whole
        write(server, dataclasses.replace(REQUEST, views=(VIEW, VIEW)))
        assert sent_picture(server).shape == whole


def test_no_name_can_be_read_off_the_picture_and_the_numbers_can():
    renamed = {item.name: f'thing {index} with a very long name'
               for index, item in enumerate(SCENE.objects)}
    other = dataclasses.replace(SCENE, objects=tuple(
        dataclasses.replace(item, name=renamed[item.name]) for item in SCENE.objects
    ))  # fmt: skip
    one = draw((VIEW,), SCENE, SCENE['red cube'])
    assert one == draw((VIEW,), other, other[renamed['red cube']])
    assert one != draw((VIEW,), Scene(0.0, ()), SCENE['red cube'])


def test_a_close_up_shows_and_offers_the_neighbours_and_nothing_far_away():
    script = pointing(red_cube=MARKS['red cube.top'], plate=MARKS['plate.top'])
    with FakeEndpoint(script) as server:
        write(server)
        texts = [sent['messages'][-1]['content'][0]['text'] for sent in server.requests]
    (text,) = [text for text in texts if 'Which mark is at the object "red cube"' in text]
    offered = set(map(int, text.splitlines()[1].removeprefix('Marks: ').split(', ')))
    assert {MARKS['red cube.top'], MARKS['green cube.top'], MARKS['blue cube.top']} <= offered
    assert MARKS['tray.top'] not in offered


@pytest.mark.parametrize('place', [(0.4, -0.26, 0.02), (0.45, 0.5, 0.02), (0.9, 0.0, 0.3)])
def test_a_close_up_at_the_edge_of_the_picture_is_still_a_picture(place):
    item = dataclasses.replace(SCENE['red cube'], center=np.array(place))
    picture = cv2.imdecode(np.frombuffer(draw((VIEW,), SCENE, item), np.uint8), 1)
    assert min(picture.shape[:2]) > 20
