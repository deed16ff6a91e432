"""Baselines are tuned on what is not reported, one episode of every task for each setting."""

from benchmarks.libero_pro.bench import EVALUATION_STATES
from benchmarks.libero_pro.tuning import STATE, grid, remaining, table


def test_nothing_is_tuned_on_what_is_reported():
    assert STATE not in EVALUATION_STATES


def test_every_method_meets_every_task_once():
    methods = ('as coded / 30', 'ITPS / 60')
    jobs = remaining(methods, [])
    assert len({task.problem_file for task, _ in jobs}) == len(jobs) == 10
    assert all(missing == methods for _, missing in jobs)


def test_an_interrupted_run_goes_on_with_what_is_missing():
    (task, methods), *others = remaining(tuple(grid()), [])
    done = {'suite': task.suite, 'perturbation': task.perturbation, 'task': task.name}
    rows = [{**done, 'method': method} for method in methods[1:]]
    assert remaining(tuple(grid()), rows) == [(task, methods[:1]), *others]


def test_the_table_shows_the_methods_that_have_been_run():
    row = {'suite': 'libero_object', 'perturbation': 'position', 'task': 'a'}
    rows = [{**row, 'method': 'ITPS / 60', 'success': success} for success in (True, False)]
    shown = table(rows)
    assert shown.row_count == 1
    assert [list(column.cells) for column in shown.columns] == [
        ['ITPS / 60'], ['50'], ['50 (9 to 91)'],
    ]
