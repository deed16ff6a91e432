import pytest
from rich.table import Table

from benchmarks.steering.cost import CostCell
from benchmarks.steering.report import (
    SHIFTED,
    MissingRowsError,
    all_gains,
    closed_loop_metrics,
    cost_metrics,
    gains_table,
    markdown,
    plan_metrics,
)
from benchmarks.steering.stopwatch import PARTS
from vls_core.eval.statistics import Estimate, wilson

SEEDS = range(20)



def episode(arm, shift, seed, success):
    return {'arm': arm, 'shift': shift, 'seed': seed, 'success': success, 'collision': not success,
            'dropped': False}


def episodes(**successes):
    """Rows of arms that succeed in so many of 20 shifted episodes of each kind."""
    return [
        episode(arm, shift, seed, shift == 'none' or seed < count)
        for arm, count in successes.items() for shift in ('none', *SHIFTED) for seed in SEEDS
    ]


def plan(family, test, method, seed, success, deviation=1.0):
    return {'family': family, 'test': test, 'method': method, 'seed': seed, 'success': success,
            'deviation': deviation}


def cell(policy, particles, ratio):
    return CostCell(
        policy, 1, particles, 1.0, ratio, Estimate(ratio, ratio - 0.1, ratio + 0.1, 30),
        dict.fromkeys(PARTS, 0.1),
    )


def test_the_worst_test_counts_and_is_named():
    rows = [
        plan(family, test, method, seed, method == 'base' or (test, family) != ('far', 'flow'))
        for family in ('flow', 'diffusion') for test in ('near', 'far')
        for method in ('base', 'ours') for seed in SEEDS
    ]
    metrics = plan_metrics(rows)
    worst = metrics['plan_success_points_min']
    assert (worst['value'], worst['n'], worst['unit'], worst['of']) == (
        0.0, 20, 'points', 'far_flow')
    assert metrics['plan_success_points_near_diffusion']['value'] == 100.0


def test_deviation_is_compared_with_the_nearest_reliable_method():
    rows = [
        plan('flow', test, method, seed, success, deviation + 0.1 * seed)
        for test, others in (('near', True), ('far', False))
        for method, success, deviation in (
            ('ours', True, 1.5), ('close', others, 1.0), ('wide', others, 3.0),
            ('closest', False, 0.1),
        )
        for seed in SEEDS
    ]
    metrics = plan_metrics(rows)
    excess = metrics['plan_deviation_excess_near_flow']
    assert excess['baseline'] == 'close'
    assert excess['value'] == excess['low'] == excess['high'] == 0.5
    assert 'plan_deviation_excess_far_flow' not in metrics


def test_the_best_baseline_is_compared_with_in_the_same_episodes():
    metrics = closed_loop_metrics(episodes(base=2, ours=19, weak=4, strong=14))
    gain = metrics['gain_over_best_baseline_points']
    assert gain['baseline'] == 'strong'
    assert gain['value'] == pytest.approx(25.0)
    assert 0.0 < gain['low'] < 25.0 < gain['high'] < 50.0
    assert gain['n'] == 80
    assert metrics['gain_over_base_points']['value'] == pytest.approx(85.0)
    assert metrics['closed_loop_success_strong_obstacle']['value'] == 70.0


def test_harm_in_distribution_is_a_negative_change():
    rows = episodes(base=0, ours=20, other=0)
    for row in rows:
        if row['arm'] == 'ours' and row['shift'] == 'none':
            row['success'] = row['seed'] >= 2
    change = closed_loop_metrics(rows)['in_distribution_change_points']
    assert change['value'] == pytest.approx(-10.0)
    assert change['low'] < change['value'] < change['high'] <= 0.0


def test_where_all_pairs_agree_the_interval_allows_for_what_was_not_seen():
    (gain,) = all_gains(episodes(base=20, ours=20))
    unseen = 100 * wilson(0, 20).high
    assert gain.shifted.value == 0.0
    assert (gain.shifted.low, gain.shifted.high) == pytest.approx((-unseen, unseen))


def test_episodes_without_a_partner_are_refused():
    rows = [row for row in episodes(base=1, ours=1) if row['arm'] == 'ours' or row['seed'] > 0]
    with pytest.raises(MissingRowsError, match='no partner in base'):
        all_gains(rows)


@pytest.mark.parametrize('rows', [[], [plan('flow', 'near', 'base', 0, True)]])
def test_plans_of_ours_are_needed(rows):
    with pytest.raises(MissingRowsError):
        plan_metrics(rows)


def test_a_baseline_is_needed_to_compare_with():
    with pytest.raises(MissingRowsError, match='baseline'):
        closed_loop_metrics(episodes(base=1, ours=2))


def test_the_worse_of_the_real_sizes_counts():
    cells = [cell('demo', 8, 5.0), cell('unet', 8, 1.2), cell('transformer', 8, 1.1),
             cell('unet', 1, 9.0)]
    metrics = cost_metrics(cells)
    assert metrics['cost_ratio_real_size_n8']['value'] == 1.2
    assert metrics['cost_ratio_real_size_n8']['policy'] == 'unet'
    assert metrics['cost_ratio_demo_policy_n8']['value'] == 5.0
    with pytest.raises(MissingRowsError, match='transformer'):
        cost_metrics(cells[:2])


def test_the_table_of_gains_has_a_line_for_each_arm():
    shown = gains_table(episodes(base=2, ours=20, other=8))
    columns = [list(column.cells) for column in shown.columns]
    assert columns[0] == ['base', 'ours', 'other']
    assert columns[4][0].startswith('+90.0 (')
    assert columns[4][1] == '-'


def test_tables_are_written_as_markdown():
    table = Table('a', 'b', title='Two numbers')
    table.add_row('1', '2')
    table.add_section()
    table.add_row('3', '4')
    assert markdown(table) == '**Two numbers**\n\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n'
