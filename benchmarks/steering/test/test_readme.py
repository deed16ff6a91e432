import json
import re

from benchmarks.steering.report import readme_table
from benchmarks.steering.version import ROOT

SUMMARY = json.loads((ROOT / 'benchmarks/results/steering/summary.json').read_text())
README = (ROOT / 'README.md').read_text()


def test_the_table_of_the_readme_is_the_one_that_was_measured():
    found = re.search(r'<!-- table:steering -->\n(.*?)\n<!-- /table:steering -->', README, re.S)
    best = SUMMARY['gain_over_best_baseline_points']['baseline']
    assert found and found.group(1) == readme_table(SUMMARY, ['base', best, 'ours'])


def test_the_gain_and_the_cost_in_the_readme_are_the_measured_ones():
    for name in ('gain_over_best_baseline_points', 'cost_ratio_real_size_n8',
                 'cost_ratio_demo_policy_n8'):
        metric = SUMMARY[name]
        digits = 0 if metric['unit'] == 'points' else 2
        low, high = f'{metric["low"]:.{digits}f}', f'{metric["high"]:.{digits}f}'
        assert f'{metric["value"]:.{digits}f} ({low} to {high})' in README, name
