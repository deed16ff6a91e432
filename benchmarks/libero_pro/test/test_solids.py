"""The shape of a thing is where the simulator has it."""

import numpy as np
import pytest

from benchmarks.libero_pro.solids import solid


def test_every_thing_surrounds_its_position_and_lies_on_the_floor(simulation):
    simulation.begin(0)
    for name in simulation.things:
        shape, position = solid(simulation, name), simulation.place(name)
        assert (shape.low - 0.02 <= position).all()
        assert (position <= shape.high + 0.02).all()
        assert shape.low[2] == pytest.approx(0.0, abs=0.02)
        assert (shape.high - shape.low < 0.3).all()


def test_a_width_is_that_of_the_box_around_it(simulation):
    simulation.begin(0)
    shape = solid(simulation, simulation.things[0])
    assert shape.width(0.0) == pytest.approx(shape.high[0] - shape.low[0])
    assert shape.middle(np.pi / 2) == pytest.approx((shape.high[1] + shape.low[1]) / 2)


def test_an_unknown_thing_is_an_error(simulation):
    with pytest.raises(KeyError):
        solid(simulation, 'mug_7')
