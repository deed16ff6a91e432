"""A command is imported when it is used, and the list of commands says the same as the command."""

import subprocess
import sys

import pytest
from typer import Typer
from typer.testing import CliRunner

from vls.application import COMMANDS
from vls.lazy_group import CommandPlace, LazyGroup

SLOW = {'torch', 'openai', 'matplotlib', 'cv2', 'scipy', 'mujoco'}


@pytest.mark.parametrize('name', COMMANDS)
def test_the_list_says_what_the_command_says_first(name):
    place = COMMANDS[name]
    assert place.load(name).help.split('\n\n')[0].rstrip() == place.help


@pytest.mark.parametrize('words', [['--help'], ['status', '--help'], ['stop', '--help']])
def test_what_has_to_be_quick_imports_nothing_slow(words):
    script = (
        'import sys\n'
        f'sys.argv = ["vls", *{words!r}]\n'
        'from vls.cli import main\n'
        'try:\n'
        '    main()\n'
        'except SystemExit:\n'
        f'    print("imported:", sorted({SLOW!r} & sys.modules.keys()))\n'
    )
    found = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True)
    assert found.stdout.splitlines()[-1] == 'imported: []'


class GroupOfOne(LazyGroup):
    places = {'unbroken': CommandPlace('nowhere', 'unbroken', 'Cannot be imported.')}


def test_a_command_that_is_not_used_is_not_imported():
    app = Typer(cls=GroupOfOne)
    app.callback()(lambda: None)
    assert 'Cannot be imported' in CliRunner().invoke(app, ['--help']).output
    assert 'unbroken' in CliRunner().invoke(app, ['unbrokn']).output
    assert isinstance(CliRunner().invoke(app, ['unbroken']).exception, ModuleNotFoundError)
