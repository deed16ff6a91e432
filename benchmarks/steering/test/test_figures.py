import pytest

from benchmarks.steering import figures
from benchmarks.steering.cost import CostCell
from benchmarks.steering.methods import compared
from benchmarks.steering.stopwatch import PARTS
from vls_core.eval.statistics import Estimate


@pytest.fixture
def path(tmp_path):
    path = tmp_path / 'figure.png'
    yield path
    assert path.stat().st_size > 5000


def test_success_is_drawn_for_every_family_and_test(path):
    rows = [
        {'family': family, 'test': test, 'method': method, 'success': seed > 1,
         'deviation': 1.0 + seed}
        for family in ('flow', 'diffusion') for test in ('near', 'far')
        for method in ('base', 'ours') for seed in range(4)
    ]
    figures.plan_success(rows, path)


def test_example_plans_are_drawn_for_the_methods_there_are(path):
    methods = compared()
    figures.example_plans({'base': methods['base'], 'best of N': methods['best of N']}, path)


def test_bars_are_drawn_for_every_arm(path):
    rows = [
        {'shift': shift, 'arm': arm, 'success': seed > 1}
        for shift in ('none', 'obstacle') for arm in ('base', 'ours', 'best of N')
        for seed in range(4)
    ]
    figures.closed_loop(rows, path)


def test_costs_are_drawn_for_every_policy(path):
    figures.cost([
        CostCell(policy, 1, particles, 0.1, 0.2, Estimate(2.0, 1.9, 2.2, 5),
                 dict.fromkeys(PARTS, 0.05))
        for policy in ('demo', 'unet', 'transformer') for particles in (1, 8)
    ], path)


def test_variants_of_a_method_share_its_colour_and_ours_has_its_own():
    colours = figures._colours(['base', 'ITPS', 'ITPS, tuned', 'ours'])
    assert colours['ITPS'] == colours['ITPS, tuned']
    assert len(set(colours.values())) == 3
