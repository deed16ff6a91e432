"""The README quotes what was measured, and nothing else."""

import json
import re

import pytest

from vls.folders import share_folder

ROOT = share_folder().parents[2]
README = ROOT / 'README.md'
RESULTS = ROOT / 'benchmarks' / 'results'
TABLES = {
    'demo': RESULTS / 'demo' / 'table.md',
    'libero_pro': RESULTS / 'libero_pro' / 'headline.md',
}

pytestmark = pytest.mark.skipif(not README.is_file(), reason='not run from a clone')


def rows(text):
    return [line for line in text.splitlines() if line.startswith('|')]


@pytest.mark.parametrize('name', TABLES)
def test_the_table_of_the_readme_is_the_one_of_the_benchmark(name):
    pattern = f'<!-- table:{name} -->(.*)<!-- /table:{name} -->'
    quoted = re.search(pattern, README.read_text(), re.S)
    assert rows(quoted[1]) == rows(TABLES[name].read_text())


def test_gains_on_libero_pro_are_those_of_the_summary():
    summary = json.loads((RESULTS / 'libero_pro' / 'summary.json').read_text())

    def points(name):
        signed = (f'{summary[name + end]:+.0f}' for end in ('', '_low', '_high'))
        return tuple('0' if value in ('+0', '-0') else value for value in signed)

    text = ' '.join(README.read_text().split())
    shifted, tasks = points('gain_over_base_points'), points('gain_over_base_points_over_tasks')
    assert '{} points ({} to {}) over the frozen policy'.format(*shifted) in text
    assert '({1} to {2} if tasks are drawn, too), and in'.format(*tasks) in text
    assert 'standard ones {} ({} to {})'.format(*points('in_distribution_change_points')) in text
    best = points('gain_over_best_baseline_points')
    tasks = points('gain_over_best_baseline_points_over_tasks')
    over_it = 'ours gains {} ({} to {}) over it'.format(*best)
    assert '{} ({} to {} if tasks are drawn, too)'.format(over_it, *tasks[1:]) in text
    words, looks = (points(f'{name}_perturbation_gain_over_base_points')
                    for name in ('semantic', 'object'))
    assert 'In other words (`semantic`) the gain is {} ({} to {})'.format(*words) in text
    assert 'with other looks (`object`, held out) {} ({} to {})'.format(*looks) in text
    held_out = points('held_out_suite_gain_over_base_points_over_tasks')
    assert 'it gains {} ({} to {} if tasks are drawn, too)'.format(*held_out) in text


def test_rates_on_libero_pro_are_those_of_the_summaries():
    folder = RESULTS / 'libero_pro'
    flow, diffusion = (json.loads((path / 'summary.json').read_text())
                       for path in (folder, folder / 'diffusion'))

    def rate(arm, of=flow):
        return f'{100 * of[f"shifted_success_{arm}"]:.0f}'

    def episodes(arm, of=flow):
        return of[f'shifted_success_{arm}_episodes']

    text = ' '.join(README.read_text().split())
    (published,) = {episodes(arm) for arm in ('as_coded', 'ITPS')}
    (tuned,) = {episodes(arm) for arm in ('as_coded_tuned', 'ITPS_tuned')}
    assert (
        f'as coded succeeds in {rate("as_coded")} % and ITPS in {rate("ITPS")} % with their '
        f'published constants (n {published} each), and in {rate("as_coded_tuned")} and '
        f'{rate("ITPS_tuned")} % with strengths tuned on a planar task (n {tuned} each)'
    ) in text
    assert f'best of N in {rate("best_of_N")} % (n {episodes("best_of_N")})' in text
    displaced = [f'displaced_success_{arm}' for arm in ('base', 'as_coded_best_executed', 'ours')]
    (number,) = {flow[f'{name}_episodes'] for name in displaced}
    assert (
        'the frozen policy succeeds in {:.0f} %, the best baseline in {:.0f} and ours in '
        '{:.0f} (n {} each)'.format(*(100 * flow[name] for name in displaced), number)
    ) in text
    standard = diffusion['in_distribution_success']
    steered = standard + diffusion['in_distribution_change_points'] / 100
    assert (
        f'goes from {rate("base", diffusion)} to {rate("ours", diffusion)} % on shifted scenes '
        f'(n {episodes("ours", diffusion)}) with the same constants, and on standard ones from '
        f'{100 * standard:.0f} to {100 * steered:.0f} % '
        f'(n {diffusion["in_distribution_success_episodes"]};'
    ) in text


def test_every_file_the_readme_points_to_exists():
    links = re.findall(r'\]\(([^)#]+)\)', README.read_text())
    missing = [link for link in links if not (ROOT / link).exists()]
    assert links and not missing
