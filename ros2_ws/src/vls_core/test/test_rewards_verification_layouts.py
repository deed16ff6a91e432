"""Things are put elsewhere as rigid pieces, apart from each other, the same for the same seed."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from vls_core.rewards.verification.layouts import (
    AREA_LOWER,
    AREA_UPPER,
    as_tensors,
    groups,
    invented,
    moved,
    rearranged,
    shifted,
)

NAMES = ('mug', 'mug.handle', 'mug.top', 'red cube.top', 'jar v1.2', 'jar v1.2.lid', 'bottle')


def test_points_belong_to_their_objects():
    owners = groups(NAMES)
    assert owners['mug.handle'] == owners['mug.top'] == owners['mug'] == 'mug'
    assert owners['jar v1.2.lid'] == owners['jar v1.2']
    assert groups(['mug.handle', 'mug.top']) == {'mug.handle': 'mug', 'mug.top': 'mug'}


def test_made_up_things_are_on_the_table_and_apart():
    places = invented(NAMES, 0)
    assert places.keys() == set(NAMES)
    centers = [np.array(places[name]) for name in ('mug', 'red cube.top', 'jar v1.2', 'bottle')]
    for index, one in enumerate(centers):
        assert (one[:2] >= np.array(AREA_LOWER) - 0.07).all()
        assert (one[:2] <= np.array(AREA_UPPER) + 0.07).all()
        for other in centers[:index]:
            assert np.linalg.norm(one[:2] - other[:2]) > 0.15
    assert np.linalg.norm(np.subtract(places['mug.handle'], places['mug'])) > 0.05


names = st.lists(st.text('ab. ', min_size=1, max_size=6), min_size=1, max_size=8, unique=True)


@given(names, st.integers(0, 100))
def test_rearranging_keeps_every_object_rigid(some, seed):
    before = as_tensors(invented(some, seed), torch.float64)
    after = rearranged(before, seed + 1)
    owners = groups(some)
    for one in some:
        for other in some:
            if owners[one] == owners[other]:
                assert torch.allclose(
                    after[one] - after[other], before[one] - before[other], atol=1e-9
                )


def test_rearranging_moves_everything_and_is_seeded():
    before = as_tensors(invented(NAMES, 0))
    after = rearranged(before, 1)
    assert all((after[name] - before[name]).norm() > 0.01 for name in NAMES)
    assert all(torch.equal(after[name], rearranged(before, 1)[name]) for name in NAMES)


def test_an_object_moves_with_all_its_points_and_alone():
    before, by = as_tensors(invented(NAMES, 0)), torch.tensor([0.1, 0.0, 0.2])
    after = moved(before, 'mug.handle', by)
    for name in NAMES:
        expected = by if name.startswith('mug') else torch.zeros(3)
        assert torch.allclose(after[name] - before[name], expected, atol=1e-6)
    assert all(torch.allclose(shifted(before, by)[name], before[name] + by) for name in NAMES)
