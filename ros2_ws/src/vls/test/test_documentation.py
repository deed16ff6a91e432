"""The reference pages say what the code says."""

from pathlib import Path

import pytest

from vls.application import COMMANDS
from vls.launch_arguments import LAUNCH_ARGUMENTS
from vls.topic_table import TOPIC_TABLE

REFERENCE = Path(__file__).resolve().parents[4] / 'docs' / 'reference'


def rows(page):
    """The first cell of each table row to the rest of it."""
    lines = (REFERENCE / page).read_text().splitlines()
    cells = [line.strip('|').split(' | ') for line in lines if line.startswith('| `')]
    return {row[0].strip(' `'): [cell.strip(' `') for cell in row[1:]] for row in cells}


@pytest.mark.parametrize('topic', TOPIC_TABLE, ids=lambda topic: topic.name)
def test_topic_is_described(topic):
    kind, publisher, quality, description = rows('topics.md')[topic.name]
    assert (kind, publisher, description) == (topic.type, topic.publisher, topic.description)
    assert ('reliable' in quality, 'latched' in quality) == (topic.reliable, topic.latched)


@pytest.mark.parametrize('argument', LAUNCH_ARGUMENTS, ids=lambda argument: argument.name)
def test_launch_argument_is_described(argument):
    default, values, description = rows('launch-arguments.md')[argument.name]
    assert (default, description) == (argument.default, argument.description)
    assert all(choice in values for choice in argument.choices)


def test_no_launch_argument_is_invented():
    assert set(rows('launch-arguments.md')) == {argument.name for argument in LAUNCH_ARGUMENTS}


@pytest.mark.parametrize('name', COMMANDS)
def test_command_is_described(name):
    assert f'| `vls {name}' in (REFERENCE / 'command-line.md').read_text()
