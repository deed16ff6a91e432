from benchmarks.steering.methods import tuned
from benchmarks.steering.plan_quality import all_cases, evaluate
from benchmarks.steering.tuning import STRENGTHS, grid, table
from vls_core.steering.baselines.published import PublishedSteering
from vls_core.steering.baselines.resampling_only import ResamplingOnly
from vls_core.steering.baselines.stochastic_sampling import StochasticSampling
from vls_core.steering.baselines.universal_guidance import UniversalGuidance


def test_what_was_published_is_among_what_is_tried():
    tried = list(grid().values())
    published = [ResamplingOnly(), StochasticSampling(), UniversalGuidance()]
    published += [PublishedSteering(variant) for variant in STRENGTHS]
    assert all(method in tried for method in published)


def test_nothing_is_tried_twice():
    tried = list(grid().values())
    assert all(tried.index(method) == place for place, method in enumerate(tried))


def test_the_table_counts_successes_per_test_and_over_all():
    cases = all_cases([2000, 2001], ['flow'])
    method = 'ITPS / 15'
    rows = [row for case in cases for row in evaluate(case, {method: grid()[method]})]
    shown = table(rows)
    assert shown.row_count == 1
    texts = [list(column.cells)[0] for column in shown.columns]
    assert texts[0] == method
    assert texts[4:7] == ['-', '-', '-']
    successes = sum(row['success'] for row in rows)
    assert texts[7].startswith(f'{100 * successes / 6:.1f} (')
    assert sum(float(text) for text in texts[1:4]) / 3 == 100 * successes / 6


def test_what_was_chosen_is_among_what_is_tried():
    tried = list(grid().values())
    assert all(method in tried for method in tuned().values())
