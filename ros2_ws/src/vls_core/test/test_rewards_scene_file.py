"""Scenes are read from JSON and written to it; whatever is wrong is named."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from table_scene import table_scene

from vls_core.rewards.keypoints import positions
from vls_core.rewards.scene_file import SceneFileError, load_scene, parse_scene, scene_text
from vls_core.types import ObjectKind

MUG = {
    'name': 'mug', 'kind': 'graspable', 'center': [0.5, 0.1, 0.05], 'extent': [0.08, 0.08, 0.1],
    'keypoints': {'handle': [0.5, 0.15, 0.05]},
}


def test_objects_keep_kind_size_and_keypoints():
    scene = parse_scene(json.dumps({'objects': [MUG, {**MUG, 'name': 'can', 'kind': 'obstacle'}]}))
    assert scene['can'].kind is ObjectKind.OBSTACLE
    assert scene['mug'].top == pytest.approx([0.5, 0.1, 0.1])
    assert positions(scene)['mug.handle'] == pytest.approx([0.5, 0.15, 0.05])


def test_what_is_written_is_read_again():
    scene = table_scene(stamp=3.0)
    again = parse_scene(scene_text(scene))
    assert again.names == scene.names
    assert again.stamp == 3.0
    for name, where in positions(scene).items():
        assert positions(again)[name] == pytest.approx(where)


coordinates = st.floats(-1, 1, allow_nan=False).map(lambda value: round(value, 4))


@given(st.dictionaries(st.text('abc.é', min_size=1, max_size=6), st.tuples(*[coordinates] * 3),
                       min_size=1, max_size=6))
def test_plain_points_are_where_they_were_said_to_be(points):
    try:
        scene = parse_scene(json.dumps({'keypoints': points}))
    except SceneFileError as error:
        assert 'ambiguous' in str(error)
        return
    found = positions(scene)
    for name, where in points.items():
        if name.strip('.'):
            owner = name.rpartition('.')[0]
            if not owner or owner in points:
                assert found[name] == pytest.approx(where)


def test_a_plain_point_with_a_dot_belongs_to_its_object():
    scene = parse_scene(json.dumps({'keypoints': {
        'mug': [0.5, 0.1, 0.05], 'mug.handle': [0.5, 0.15, 0.05], 'mug.top': [0.5, 0.1, 0.12],
        'jar.lid': [0.4, 0.0, 0.1],
    }}))
    assert scene.names == ('mug', 'jar')
    assert scene['mug'].top == pytest.approx([0.5, 0.1, 0.12])
    assert scene['mug'].kind is ObjectKind.GRASPABLE
    assert positions(scene)['jar.lid'] == pytest.approx([0.4, 0.0, 0.1])


@pytest.mark.parametrize(('text', 'answer'), [
    ('', 'the file'),
    ('[]', 'the file'),
    ('{"objects": 3}', 'objects'),
    (json.dumps({'objects': [MUG, MUG]}), 'listed twice: mug'),
    (json.dumps({'objects': [{**MUG, 'kind': 'toy'}]}), 'objects.0.kind'),
    (json.dumps({'objects': [{**MUG, 'colour': 'red'}]}), 'objects.0.colour'),
    (json.dumps({'objects': [{**MUG, 'extent': [0.1, 0.1, 0.0]}]}), 'objects.0.extent.2'),
    (json.dumps({'objects': [{**MUG, 'center': [0.1, 0.1]}]}), 'objects.0.center'),
    ('{"objects": [], "stamp": NaN}', 'NaN'),
    ('{"objects": [], "stamp": true}', 'stamp'),
    ('{"objects": [], "objects": []}', '"objects" is given twice'),
    (json.dumps({'objects': [{**MUG, 'keypoints': {'a.b': [0, 0, 0]}}]}), 'no dot'),
    (json.dumps({'objects': [{**MUG, 'name': '\x1b[31mmug'}]}), 'objects.0.name'),
    (json.dumps({'objects': [{**MUG, 'name': 'x' * 81}]}), 'objects.0.name'),
    (json.dumps({'objects': [{**MUG, 'name': '\ud800'}]}), 'surrogate'),
    ('{"keypoints": {"mug\\nmug": [0, 0, 0]}}', 'printed'),
    ('{"keypoints": {"mug": [' + '9' * 5000 + ', 0, 0]}}', 'digits'),
    ('{"keypoints": {"mug": [1e400, 0, 0]}}', 'keypoints.mug.0'),
    ('{"keypoints": {}}', 'keypoints'),
    ('[' * 100_000, 'the file'),
])
def test_a_mistake_is_named(text, answer):
    with pytest.raises(SceneFileError, match='no scene') as caught:
        parse_scene(text)
    assert answer in str(caught.value)


@pytest.mark.parametrize('other', ['mug.top', 'mug.center', 'mug.handle'])
def test_a_name_that_means_two_points_is_refused(other):
    for objects in ([MUG, {**MUG, 'name': other}], [{**MUG, 'name': other}, MUG]):
        with pytest.raises(SceneFileError, match=f'ambiguous: "{other}"'):
            parse_scene(json.dumps({'objects': objects}))


def test_an_object_with_a_dot_in_its_name_is_an_object():
    scene = parse_scene(json.dumps({'objects': [MUG, {**MUG, 'name': 'mug.2'}]}))
    assert scene.names == ('mug', 'mug.2')


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(SceneFileError, match='nowhere.json'):
        load_scene(tmp_path / 'nowhere.json')
    (tmp_path / 'binary.json').write_bytes(bytes(range(256)))
    with pytest.raises(SceneFileError, match='binary.json'):
        load_scene(tmp_path / 'binary.json')
    (tmp_path / 'large.json').write_bytes(b' ' * 1_100_000)
    with pytest.raises(SceneFileError, match='larger than 1 MB'):
        load_scene(tmp_path / 'large.json')
    (tmp_path / 'good.json').write_text(json.dumps({'objects': [MUG]}))
    assert np.allclose(load_scene(tmp_path / 'good.json')['mug'].center, MUG['center'])
