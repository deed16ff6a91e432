"""The front page says what was measured."""

import json
import re

from benchmarks.bridge.readme import readme_table
from benchmarks.steering.version import ROOT
from vls_core.eval.rows import read_rows

RESULTS = ROOT / 'benchmarks' / 'results' / 'bridge'


def test_the_table_of_the_readme_is_the_one_that_was_measured():
    rows = read_rows(RESULTS / 'rows.jsonl')
    readme = (ROOT / 'README.md').read_text()
    found = re.search(r'<!-- table:bridge -->\n(.*?)\n<!-- /table:bridge -->', readme, re.S)
    assert found and found.group(1) == readme_table(rows)


def test_the_summary_carries_what_is_promised():
    summary = json.loads((RESULTS / 'summary.json').read_text())
    for name in ('reflexes', 'limit_violations', 'tracking_rms_mrad', 'added_lag_ms',
                 'starvation_events', 'stop_time_ratio'):
        metric = summary[name]
        assert metric['low'] <= metric['value'] <= metric['high']
        assert metric['n'] > 0
        assert metric['unit']
