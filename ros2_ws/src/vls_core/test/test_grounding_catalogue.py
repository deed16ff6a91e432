"""Catalogues: the demo's is sound, and every mistake in a file is named."""

import numpy as np
import pytest
import yaml

from vls_core.grounding.catalogue import (
    CatalogueError,
    demo_catalogue,
    load_catalogue,
    parse_catalogue,
)
from vls_core.types import ObjectKind

CUP = {'name': 'cup', 'kind': 'graspable', 'shape': 'cylinder', 'size': [0.08, 0.08, 0.1],
       'hue': [340, 20]}
WORKSPACE = {'minimum': [0, -1, 0], 'maximum': [1, 1, 1], 'table_height': 0.0}


def parsed(*objects, **rest):
    content = {'workspace': WORKSPACE, 'objects': list(objects), **rest}
    return parse_catalogue(yaml.safe_dump(content), 'mine.yaml')


def test_the_demo_has_the_objects_of_the_demo():
    kinds = {item.name: item.kind for item in demo_catalogue().objects}
    cubes = dict.fromkeys(
        ('red cube', 'green cube', 'blue cube', 'yellow cube'), ObjectKind.GRASPABLE
    )
    assert kinds == {**cubes, 'plate': ObjectKind.SURFACE, 'tray': ObjectKind.SURFACE,
                     'bottle': ObjectKind.OBSTACLE}


def test_a_hue_band_may_wrap():
    cup, = parsed(CUP).objects
    np.testing.assert_array_equal(
        cup.has_hue(np.array([339, 340, 0, 20, 21, 180])), [False, True, True, True, False, False]
    )


@pytest.mark.parametrize(('change', 'said'), [
    ({'colour': 'red'}, 'unknown key colour; known: name'),
    ({'kind': 'toy'}, '"toy" is not one of graspable, surface, obstacle'),
    ({'shape': 'ball'}, '"ball" is not one of box'),
    ({'size': [1, 2]}, 'size: expected 3 numbers'),
    ({'size': [1, 1, -1]}, 'size must be positive'),
    ({'size': [1, 2, 1]}, 'a cylinder is as long as wide'),
    ({'hue': 'red'}, 'hue: expected 2 numbers'),
    ({'minimum_value': 2}, 'from 0 to 1'),
    ({'name': ''}, 'name must be a text'),
])
def test_a_wrong_entry_is_named(change, said):
    with pytest.raises(CatalogueError, match='mine.yaml: obj') as raised:
        parsed({**CUP, **change})
    assert said in str(raised.value)


@pytest.mark.parametrize(('text', 'said'), [
    ('a: [', 'is not YAML'),
    ('', 'expected the keys workspace, objects'),
    ('objects: []', 'workspace is missing'),
])
def test_a_file_that_is_no_catalogue_is_refused(text, said):
    with pytest.raises(CatalogueError, match=said):
        parse_catalogue(text, 'mine.yaml')


def test_objects_that_colour_cannot_tell_apart_are_refused():
    with pytest.raises(CatalogueError, match='"cup" .* and "mug" .* overlap'):
        parsed(CUP, {**CUP, 'name': 'mug', 'hue': [10, 30]})


def test_a_name_twice_is_refused():
    with pytest.raises(CatalogueError, match='listed twice: cup'):
        parsed(CUP, {**CUP, 'hue': [100, 120]})


def test_a_missing_key_is_named():
    with pytest.raises(CatalogueError, match='size is missing'):
        parsed({key: value for key, value in CUP.items() if key != 'size'})


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CatalogueError, match='cannot read the object catalogue .*none.yaml'):
        load_catalogue(tmp_path / 'none.yaml')


def test_a_file_is_read(tmp_path):
    path = tmp_path / 'mine.yaml'
    path.write_text(yaml.safe_dump({'workspace': WORKSPACE, 'objects': [CUP]}))
    assert load_catalogue(path) == parsed(CUP)
