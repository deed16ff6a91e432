"""Keys stay the same while the request does, and change with whatever could change the answer."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table_scene import table_scene, thing
from test_vlm_relations import jittered, scenes

from vls_core.types import ObjectKind
from vls_core.vlm.cache_key import CacheKey, normalised
from vls_core.vlm.relations import match


def matches(one, other):
    """As the cache looks a program up: the place, then the relations."""
    return one.place == other.place and match(dict(one.relations), dict(other.relations))


def key(scene, instruction='put it there', author='model prompt 1'):
    return CacheKey.of(scene, instruction, author)


@settings(max_examples=100)
@given(scenes(), st.integers(0, 1000))
def test_millimetres_of_jitter_never_change_the_key(scene, seed):
    assert matches(key(scene), key(jittered(scene, seed)))
    assert matches(key(jittered(scene, seed)), key(scene))


@settings(max_examples=50)
@given(scenes(), st.integers(0, 1000))
def test_a_new_object_always_changes_the_key_and_so_does_a_missing_one(scene, seed):
    more = dataclasses.replace(scene, objects=(*scene.objects, thing('new')))
    assert not matches(key(scene), key(jittered(more, seed)))
    assert not matches(key(more), key(jittered(scene, seed)))


def test_light_changes_when_things_were_seen_and_how_surely_and_not_the_key():
    scene = table_scene()
    later = dataclasses.replace(
        scene, stamp=9.0, detector='other',
        objects=tuple(dataclasses.replace(item, last_seen=7.0) for item in scene.objects),
    )
    assert key(scene).digest == key(later).digest


def test_another_kind_changes_the_key():
    scene = table_scene()
    other = dataclasses.replace(scene, objects=tuple(
        dataclasses.replace(item, kind=ObjectKind.OBSTACLE) if item.name == 'tray' else item
        for item in scene.objects
    ))  # fmt: skip
    assert not matches(key(scene), key(other))


@pytest.mark.parametrize('other', [
    key(table_scene(), instruction='put it elsewhere'), key(table_scene(), author='another'),
])
def test_another_sentence_or_author_changes_the_key(other):
    assert not matches(key(table_scene()), other)


def test_names_cannot_be_mistaken_for_one_another():
    one = key(table_scene(thing('a: graspable'), thing('b')))
    other = key(table_scene(thing('a'), thing('graspable", "b')))
    assert not matches(one, other)


@pytest.mark.parametrize(('one', 'other', 'same'), [
    ('Put  it\tthere.', 'put it there', True),
    ('PUT IT THERE!', 'put it there', True),
    ('put it there', 'put it here', False),
    ('put 1.5 there', 'put 15 there', False),
    ('Stell die Tasse auf den Tisch', 'stell die tasse auf den tisch', True),
])
def test_only_what_does_not_change_the_meaning_is_dropped(one, other, same):
    assert (normalised(one) == normalised(other)) is same
