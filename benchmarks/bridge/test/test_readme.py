"""The front page says what was measured."""

import json
import re

import pytest

from benchmarks.bridge.readme import readme_table, stops_table
from benchmarks.steering.version import ROOT
from vls_core.eval.rows import read_rows

RESULTS = ROOT / 'benchmarks' / 'results' / 'bridge'


def table_of_the_readme(name):
    pattern = f'<!-- table:{name} -->\n(.*?)\n<!-- /table:{name} -->'
    found = re.search(pattern, (ROOT / 'README.md').read_text(), re.S)
    assert found
    return found.group(1)


@pytest.fixture
def summary():
    return json.loads((RESULTS / 'summary.json').read_text())


def test_the_table_of_streams_is_the_one_that_was_measured():
    assert table_of_the_readme('bridge') == readme_table(read_rows(RESULTS / 'rows.jsonl'))


def test_the_table_of_stops_is_the_one_that_was_measured(summary):
    assert table_of_the_readme('bridge_stops') == stops_table(summary)


def test_the_summary_carries_what_is_promised(summary):
    for name in ('reflexes', 'limit_violations', 'tracking_rms_mrad', 'added_lag_ms',
                 'starvation_events', 'stop_time_ratio'):
        metric = summary[name]
        assert metric['low'] <= metric['value'] <= metric['high']
        assert metric['n'] > 0
        assert metric['unit']
