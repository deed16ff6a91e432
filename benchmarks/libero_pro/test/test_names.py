"""Names in words tell what is seen, and nothing else."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from benchmarks.libero_pro.names import is_fixed, kind_of, names_in_words

PLACES = some.tuples(*[some.floats(-0.5, 0.5)] * 3).map(np.array)


@given(PLACES, PLACES)
def test_of_two_alike_the_first_is_further_left_whatever_the_simulator_calls_them(one, other):
    said = names_in_words({'akita_black_bowl_1': one, 'akita_black_bowl_2': other})
    by_word = {word: {'akita_black_bowl_1': one, 'akita_black_bowl_2': other}[name]
               for name, word in said.items()}
    assert by_word['akita black bowl 1'][1] >= by_word['akita black bowl 2'][1]


def test_what_is_there_once_has_no_number():
    places = {'cream_cheese_1': np.zeros(3), 'plate_1': np.ones(3)}
    assert names_in_words(places) == {'cream_cheese_1': 'cream cheese', 'plate_1': 'plate'}


def test_furniture_is_fixed_and_things_are_not():
    assert is_fixed('wooden cabinet') and is_fixed('basket') and not is_fixed('cream cheese')
    assert kind_of('cookies_1') == 'cookies box'
