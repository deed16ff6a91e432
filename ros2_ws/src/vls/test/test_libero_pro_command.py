"""`vls bench libero-pro`: finds the checkout, hands everything over, and says what is missing."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from vls.application import app
from vls.commands.libero_pro import MODULE, PYTHON, checkout


@pytest.fixture
def repository(tmp_path):
    (tmp_path / MODULE).mkdir(parents=True)
    (tmp_path / PYTHON).parent.mkdir(parents=True)
    (tmp_path / PYTHON).write_text('#!/bin/sh\necho "$PYTHONPATH" "$@"\nexit 7\n')
    (tmp_path / PYTHON).chmod(0o755)
    return tmp_path


def test_a_checkout_is_found_from_below(repository):
    below = repository / 'a' / 'b'
    below.mkdir(parents=True)
    assert checkout(below) == repository


def test_without_an_environment_it_says_how_to_make_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ['bench', 'libero-pro'])
    assert result.exit_code == 1
    assert 'make setup-libero' in result.output


def test_arguments_help_included_and_the_exit_status_are_handed_over(
    repository, monkeypatch, capfd
):
    monkeypatch.chdir(repository)
    asked = ['--suites', 'libero_goal', '--help']
    result = CliRunner().invoke(app, ['bench', 'libero-pro', *asked])
    assert result.exit_code == 7
    said = capfd.readouterr().out
    assert said.split()[1:] == ['-m', 'benchmarks.libero_pro', *asked]
    assert str(Path(repository) / 'ros2_ws' / 'src' / 'vls_core') in said
