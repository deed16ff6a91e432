"""Figures are drawn from whatever was played, ended streams included."""

import numpy as np

from benchmarks.bridge import figures
from benchmarks.bridge.motions import DURATION, sinusoids
from benchmarks.bridge.plan import QUICK
from benchmarks.bridge.trial import trace_name

TIMES = np.arange(0.0, DURATION, 0.005)


def test_bars_need_no_stream_that_came_to_its_end(make_row, tmp_path):
    rows = [
        make_row(case, strategy, seed, best_rms_mrad=None, reflexes=['a_reflex: somewhere'])
        for case, trials in QUICK.trials().items() for strategy, seed in trials
    ]
    figures.rms(rows, tmp_path / 'rms.png')
    assert (tmp_path / 'rms.png').stat().st_size > 1000


def test_panels_are_drawn_for_the_motions_that_were_kept(tmp_path):
    meant = sinusoids(0).sample(TIMES)
    for references in (meant, np.empty((0, 7))):
        for case, strategy in figures.SHOWN[:2]:
            np.savez(
                tmp_path / trace_name(case, strategy, 0), times=TIMES, positions=meant + 0.01,
                meant=meant, references=references, reference_times=TIMES[: len(references)],
            )
        figures.tracking(tmp_path, 0, tmp_path / 'tracking.png')
        assert (tmp_path / 'tracking.png').stat().st_size > 1000


def test_nothing_is_drawn_where_no_motion_was_kept(tmp_path):
    figures.tracking(tmp_path, 0, tmp_path / 'tracking.png')
    assert not (tmp_path / 'tracking.png').exists()
