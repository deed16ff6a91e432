import json
import re

from benchmarks.offline_author.readme import readme_table
from benchmarks.steering.version import ROOT


def test_the_table_of_the_readme_is_the_one_that_was_measured():
    summary = json.loads((ROOT / 'benchmarks/results/offline_author/summary.json').read_text())
    readme = (ROOT / 'README.md').read_text()
    found = re.search(
        r'<!-- table:offline_author -->\n(.*?)\n<!-- /table:offline_author -->', readme, re.S
    )
    assert found and found.group(1) == readme_table(summary)
