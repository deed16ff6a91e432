"""The reference page shows the numbers that were measured."""

import json

from benchmarks.offline_author.__main__ import RESULTS
from benchmarks.offline_author.report import cells, table
from benchmarks.offline_author.tasks import TASKS
from benchmarks.steering.report import markdown
from benchmarks.steering.version import ROOT

PAGE = (ROOT / 'docs' / 'reference' / 'offline-author.md').read_text().splitlines()
RESULT = json.loads((RESULTS / 'summary.json').read_text())


def test_the_table_is_what_the_rows_amount_to():
    assert cells(RESULT['rows']) == RESULT['cells']
    assert markdown(table(RESULT['cells'])) == (RESULTS / 'table.md').read_text()


def test_the_page_shows_the_table():
    lines = [line for line in (RESULTS / 'table.md').read_text().splitlines() if line[:1] == '|']
    assert lines[0] in PAGE
    start = PAGE.index(lines[0])
    assert PAGE[start:start + len(lines)] == lines


def test_the_page_names_every_sentence():
    text = '\n'.join(PAGE)
    for task in TASKS:
        assert RESULT['provenance']['sentences'][task.name] == task.sentence
        assert f'`{task.sentence}`' in text
