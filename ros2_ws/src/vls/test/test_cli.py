"""What a user types wrong is answered with what to type instead, and an exit code."""

import os

import pytest
from typer.testing import CliRunner

from vls.application import app


@pytest.fixture(autouse=True)
def nothing_runs_here(monkeypatch, tmp_path):
    monkeypatch.setenv('ROS_DOMAIN_ID', f'test-{os.getpid()}')
    monkeypatch.chdir(tmp_path)


def vls(*words):
    result = CliRunner().invoke(app, words)
    return result.exit_code, result.output


@pytest.mark.parametrize('words', [
    (), ('up',), ('down',), ('status',), ('run',), ('reset',), ('arm',), ('stop',), ('recover',),
    ('home',), ('demo',), ('test-endpoint',), ('bench',), ('bench', 'demo'),
    ('cache',), ('cache', 'list'), ('cache', 'show'), ('cache', 'clear'), ('verify',),
    ('author',), ('doctor',),
])
def test_every_command_explains_itself(words):
    code, output = vls(*words, '--help')
    assert code == 0
    assert 'Usage' in output


@pytest.mark.parametrize(('words', 'answer'), [
    (('up', '--robot-pi', '1.2.3.4'), 'robot-pi'),
    (('up', '--no-sim'), 'needs its address'),
    (('up', '--params-file', 'nowhere.yaml'), 'nowhere.yaml'),
    (('up', '--param', 'polcy.seed=1'), 'policy'),
    (('up', '--param', 'seed=1'), 'node.name=value'),
    (('up', '--log-level', 'loud'), 'debug'),
    (('reset', '--shift', 'earthquake'), 'moved_target'),
    (('demo', '--shift', 'earthquake'), 'moved_target'),
    (('bench', 'demo', '--conditions', 'none,earthquake'), 'moved_target'),
    (('fly',), 'fly'),
])
def test_a_mistake_is_named_and_the_exit_code_is_2(words, answer):
    code, output = vls(*words)
    assert code == 2
    assert answer in output
    assert 'Traceback' not in output


@pytest.mark.parametrize('words', [('down',), ('status',)])
def test_without_a_stack_the_answer_is_how_to_start_one(words):
    code, output = vls(*words)
    assert code == 1
    assert 'vls up' in output


def test_a_missing_node_is_named_before_anything_starts(monkeypatch):
    monkeypatch.setattr('sys.executable', '/nowhere/python')
    monkeypatch.setenv('AMENT_PREFIX_PATH', '')
    code, output = vls('up')
    assert code == 1
    assert 'make setup' in output
