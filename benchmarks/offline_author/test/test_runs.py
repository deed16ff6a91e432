"""Rows come in the order of the cases, which pair the arms."""

from benchmarks.offline_author.runs import STEERED, UNSTEERED, Case, cases, run


def test_every_seed_is_played_by_both_arms():
    wanted = cases((5, 6), ('lift', 'stack'))
    assert len(set(wanted)) == 8
    assert wanted[:2] == [Case('lift', UNSTEERED, 5), Case('lift', STEERED, 5)]


def test_rows_come_in_the_order_of_the_cases():
    wanted = [Case('lift', STEERED, 0), Case('lift', UNSTEERED, 0)]
    rows = run(wanted)
    assert [(item['task'], item['arm'], item['seed']) for item in rows] == [
        ('lift', 'steered', 0), ('lift', 'unsteered', 0)]
    assert [item['success'] for item in rows] == [True, False]
