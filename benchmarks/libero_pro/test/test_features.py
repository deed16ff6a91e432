"""What the policy is told: every number has its place, and what is not seen is not made up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from benchmarks.libero_pro.features import (
    OBJECT_WIDTH,
    feature_width,
    object_features,
    place_features,
    robot_features,
    sentence_features,
)

VOCABULARY = ('bowl', 'plate')
POINTS = some.tuples(*[some.floats(-1.0, 1.0)] * 3).map(np.array)


@given(POINTS, POINTS)
def test_a_thing_is_told_by_where_it_is_and_how_far_from_the_hand(place, hand):
    told = object_features(place_features(VOCABULARY, {'plate': place}), hand)
    bowl, plate = told.reshape(2, OBJECT_WIDTH)
    assert not bowl.any()
    assert plate == pytest.approx([1.0, *place, *(place - hand)], abs=1e-6)


def test_names_that_are_not_known_are_left_out():
    assert not place_features(VOCABULARY, {'mug': np.ones(3)}).any()


def test_a_batch_is_told_like_each_of_it():
    places, hands = np.random.default_rng(0).normal(size=(2, 4, 3))
    together = object_features(place_features(VOCABULARY, {'bowl': places}), hands)
    alone = [object_features(place_features(VOCABULARY, {'bowl': place}), hand)
             for place, hand in zip(places, hands, strict=True)]
    assert together == pytest.approx(np.stack(alone))


def test_sentences_differ_by_their_words_and_by_nothing_else():
    one = sentence_features('Pick the milk')
    assert sentence_features('pick the  milk.') == pytest.approx(one)
    assert not np.allclose(sentence_features('Pick the butter'), one)


def test_all_features_together_are_as_wide_as_said():
    robot = robot_features(np.zeros(3), np.array([1.0, 0, 0, 0]), np.array(0.04), np.array(1.0),
                           np.array(False))
    objects = object_features(place_features(VOCABULARY, {}), np.zeros(3))
    total = len(robot) + len(sentence_features('a')) + len(objects)
    assert total == feature_width(VOCABULARY)
