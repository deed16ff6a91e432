"""Parameters that cannot work are refused with a sentence that says what to change."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from vls_ros.lifecycle import SetupError
from vls_vlm_node.settings import AUTHORING_MARGIN, Parameters


@pytest.mark.parametrize('corner', [(0.1, 0.2), (9.0, 9.0, 9.0), (float('nan'), 0.0, 0.0)])
def test_a_workspace_that_is_no_box_is_refused(corner):
    with pytest.raises(SetupError, match='workspace'):
        _ = replace(Parameters(), workspace_lower=corner).workspace


def test_a_cassette_does_one_of_three_things():
    assert [replace(Parameters(), cassette_mode=mode).cassette.value
            for mode in ('off', 'record', 'replay')] == ['off', 'record', 'replay']
    with pytest.raises(SetupError, match='off, record, replay'):
        _ = replace(Parameters(), cassette_mode='rewind').cassette


def test_the_author_gives_up_before_the_task_gives_up_on_it():
    values = Parameters(authoring_timeout=12.0)
    assert values.patience.authoring == 12.0 + AUTHORING_MARGIN


def test_half_a_price_is_no_price():
    assert not Parameters(prompt_price=2.0).prices.known
    assert Parameters(prompt_price=2.0, completion_price=8.0).prices.known


@pytest.mark.parametrize('name', [item.name for item in fields(Parameters)])
def test_every_parameter_is_described(name):
    readme = Path(__file__).resolve().parents[1] / 'README.md'
    rows = [line for line in readme.read_text().splitlines() if line.startswith('| `')]
    assert any(f'`{name}`' in row.split('|')[1] for row in rows)
