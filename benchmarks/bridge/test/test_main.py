"""One stream is played to the judge for real; the report keeps what others have added."""

import json

import pytest

from benchmarks.bridge import __main__ as program
from benchmarks.bridge import trial
from benchmarks.bridge.plan import DEFAULT, QUICK
from benchmarks.bridge.strategies import DIRECT
from benchmarks.bridge.streams import case_named
from benchmarks.bridge.trial import SLOWEST, Place, run_trial, trace_name


@pytest.fixture
def benchmark_in(tmp_path, monkeypatch):
    monkeypatch.setattr(program, 'TRACES', tmp_path / 'traces')
    return program.Benchmark(
        QUICK, tmp_path, realtime=True, quick=True, content=program.version(True)
    )


def test_clean_streams_are_followed_and_taken_down(benchmark_in):
    rows = []
    program._play_case(
        benchmark_in, 'clean', [(DEFAULT, 0), (DIRECT.name, 0)], lambda: rows.append(1)
    )
    found = benchmark_in.rows.read()
    assert len(found) == len(rows) == 2
    for name in (DEFAULT, DIRECT.name):
        assert (benchmark_in.traces / trace_name('clean', name, 0)).exists()
    if min(each['robot_pace'] for each in found) < SLOWEST:
        pytest.skip('this machine is too slow, or too busy, for the judge')
    for each in found:
        assert each['reflexes'] == []
        assert each['error'] == ''
        assert each['best_rms_mrad'] < 20.0


def test_trials_that_fail_are_an_error(benchmark_in):
    with pytest.raises(program.TrialsError, match='noise'):
        program._play_case(benchmark_in, 'noise', [('no such strategy', 0)], lambda: None)


@pytest.mark.parametrize(
    ('paces', 'counted', 'discarded'),
    [([1.0], 1.0, []), ([0.7, 0.99], 0.99, [0.7]), ([0.7, 0.8, 0.6], 0.6, [0.7, 0.8])],
)
def test_a_stream_is_played_again_when_the_judge_was_too_slow_but_not_for_ever(
    monkeypatch, paces, counted, discarded
):
    left = iter(paces)
    monkeypatch.setattr(
        trial, '_attempt',
        lambda *_: {'robot_pace': next(left), 'reflexes': [], 'error': ''},
    )
    found = run_trial(case_named('clean'), None, 0, None, Place())
    assert found['robot_pace'] == counted
    assert [each['robot_pace'] for each in found['discarded']] == discarded


def test_the_report_keeps_metrics_of_other_programs_and_no_old_ones(
    benchmark_in, tmp_path, make_row
):
    rows = [
        {**make_row(case, strategy, seed), 'realtime': True}
        for case, trials in QUICK.trials().items() for strategy, seed in trials
    ]
    ratio = {'value': 0.9, 'low': 0.8, 'high': 1.0, 'n': 5, 'unit': 'ratio'}
    before = {'stop_time_ratio': ratio, 'an_old_one': ratio}
    (tmp_path / 'summary.json').write_text(json.dumps(before))
    program.write(benchmark_in, rows, 'abc')
    summary = json.loads((tmp_path / 'summary.json').read_text())
    assert summary['stop_time_ratio'] == ratio
    assert 'an_old_one' not in summary
    assert summary['provenance']['commit'] == 'abc'
    assert summary['provenance']['versions']['judge: franka-sim']
    assert {'table.md', 'rms.png'} <= {path.name for path in tmp_path.iterdir()}


def test_rows_of_other_code_are_played_again(benchmark_in, monkeypatch, make_row):
    played = []
    monkeypatch.setattr(
        program, '_play_case', lambda benchmark, case, trials, advance: played.append(case)
    )
    rows = benchmark_in.rows
    rows.append(make_row('clean', DEFAULT, 0))
    rows.path.write_text(rows.path.read_text().replace(rows.version, 'another'))
    program.play(benchmark_in)
    assert 'clean' in played
    assert benchmark_in.rows.read() == []
