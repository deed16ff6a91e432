import json
from itertools import count

import pytest
import torch

from benchmarks.steering import cost
from benchmarks.steering.cost import CostCell, config_with, demo_situation, table, time_in_turns
from benchmarks.steering.stopwatch import PARTS
from vls_core.eval.statistics import Estimate
from vls_core.steering.config import SteeringConfig
from vls_core.steering.sampler import sample_base

CELL = CostCell(
    'demo', 2_000_000, 8, 0.01, 0.05, Estimate(5.0, 4.5, 5.5, 30),
    dict.fromkeys(PARTS, 0.0125),
)


@pytest.mark.parametrize('particles', [1, 4, 8, 16, 20])
def test_the_number_of_particles_is_met(particles):
    config = config_with(particles)
    assert len(config.strengths()) == particles
    assert (config.strengths() > 0).any()


def test_unguided_particles_stay_among_several():
    config = config_with(8, SteeringConfig(rungs=(0.0, 1.0, 2.0), particles_per_rung=5))
    assert config.rungs == (0.0, 1.0)
    assert config.particles_per_rung == 4


def test_calls_take_turns_and_so_does_the_first_place():
    ticks, calls = count(), []
    first, second = time_in_turns(
        lambda: calls.append('first'), lambda: calls.append('second'), 2,
        lambda: float(next(ticks)),
    )
    assert calls[-4:] == ['first', 'second', 'second', 'first']
    assert first == second == [1.0, 1.0]


@pytest.mark.parametrize('name', cost.POLICIES)
def test_no_term_of_the_reward_is_idle(name):
    policy, (observation, reward) = cost.POLICIES[name](), demo_situation()
    actions = sample_base(policy, observation, torch.Generator().manual_seed(0), 8)
    assert [term.kind for term in reward.stage.terms] == ['lift', 'hold_gripper', 'avoid']
    assert (reward.terms(policy.decode(actions, observation)) < 0).any(0).all()


def test_what_was_measured_with_the_same_code_is_not_measured_again(tmp_path, monkeypatch):
    measured = []

    def measure(name, particles, repetitions):
        measured.append((name, particles))
        return CostCell(name, 1, particles, 1.0, 2.0, CELL.ratio, CELL.split)

    monkeypatch.setattr(cost, 'measure', measure)
    path = tmp_path / 'cost.json'
    cells = cost.run(path, 3, (1, 8))
    assert measured == [(cell.policy, cell.particles) for cell in cells]
    assert len(cells) == 6
    assert cost.run(path, 3, (1, 8)) == cells
    assert len(measured) == 6
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, 'version': 'other code'}))
    assert cost.run(path, 3, (1, 8)) == cells
    assert len(measured) == 12


def test_the_table_has_a_line_for_each_cell():
    shown = table([CELL, CELL])
    assert shown.row_count == 2
    assert [column.header for column in shown.columns][-4:] == [f'{part} (ms)' for part in PARTS]
