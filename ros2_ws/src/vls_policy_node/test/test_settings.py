"""Parameters that cannot work are refused, and all of them are described."""

from dataclasses import fields
from pathlib import Path

import pytest

from vls_policy_node.settings import Parameters
from vls_ros.lifecycle import SetupError


@pytest.mark.parametrize('rungs', [(), (1.0, 2.0), (0.0, 2.0, 1.0), (0.0, float('nan'))])
def test_rungs_that_do_not_rise_from_zero_are_refused(rungs):
    with pytest.raises(SetupError):
        _ = Parameters(rungs=rungs).steering


@pytest.mark.parametrize(('replan', 'committed'), [(8, 8), (15, 3), (15, 1)])
def test_a_chunk_that_ends_before_the_next_one_comes_is_refused(replan, committed):
    with pytest.raises(SetupError, match='less than the 16 steps'):
        Parameters(replan_steps=replan, committed_steps=committed).planning(16)


def test_a_chunk_may_last_until_just_after_the_next_one_came():
    planning = Parameters(replan_steps=12, committed_steps=3).planning(16)
    assert (planning.replan_steps, planning.committed_steps) == (12, 3)


def test_the_packaged_checkpoint_is_used_unless_another_is_named():
    assert Parameters().checkpoint_file.is_file()
    assert Parameters(checkpoint='/nowhere').checkpoint_file == Path('/nowhere')


@pytest.mark.parametrize('name', [item.name for item in fields(Parameters)])
def test_every_parameter_is_described(name):
    readme = Path(__file__).resolve().parents[1] / 'README.md'
    rows = [line for line in readme.read_text().splitlines() if line.startswith('| `')]
    assert any(f'`{name}`' in row.split('|')[1] for row in rows)
