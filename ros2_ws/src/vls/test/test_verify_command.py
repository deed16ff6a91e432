"""`vls verify`: what is accepted, what is rejected, and what is neither."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vls import verification
from vls.application import app
from vls.commands import reward
from vls_core.rewards.program_file import BareCode

PROGRAMS = Path(__file__).resolve().parents[2] / 'vls_core' / 'test' / 'programs'
REACH = PROGRAMS / 'good' / 'reach_above_the_cube.py'
FLIPPED = PROGRAMS / 'wrong' / 'range-sign_flipped.py'
PROGRAM = PROGRAMS / 'good' / 'put_the_red_cube_on_the_plate.json'
SCENE = PROGRAMS / 'scene.json'


def verify(*words):
    result = CliRunner().invoke(app, ['verify', *map(str, words)])
    return result.exit_code, result.stdout, result.stderr


def test_a_good_term_is_accepted_with_its_report():
    code, output, _ = verify(REACH)
    assert code == 0
    assert 'made-up places' in ' '.join(output.split())
    assert output.rstrip().endswith('accepted  reach_above_the_cube.py')


def test_a_wrong_term_is_rejected_with_the_reason():
    code, output, _ = verify(FLIPPED, '--scene', SCENE)
    assert code == 1
    assert 'rejected' in output
    assert 'is a sign missing?' in output


def test_a_program_is_verified_for_a_scene():
    assert verify(PROGRAM, '--scene', SCENE)[0] == 0


def test_json_says_the_same(tmp_path):
    code, output, _ = verify(FLIPPED, '--json')
    record = json.loads(output)
    assert code == 1
    assert not record['accepted']
    assert 'never positive' in record['reason']
    assert any(item['verdict'] == 'failed' for item in record['findings'])


GARBAGE = {
    'empty.py': b'',
    'blank.json': b' \n\t',
    'binary.py': bytes(range(256)),
    'latin.json': '{"kind": "réach"}'.encode('latin-1'),
    'zeros.py': b'\0' * 1000,
    'huge.py': b'#' * 5_000_000,
    'huge.json': b'{"a": "' + b'x' * 5_000_000 + b'"}',
    'deep.json': b'[' * 90_000,
    'deep_objects.json': b'{"a":' * 30_000 + b'1' + b'}' * 30_000,
    'list.json': b'[1, 2]',
    'number.json': b'9' * 5000,
    'nan.json': b'{"kind": "reach", "object": "mug", "height": NaN}',
    'truncated.json': b'{"subject": "mug", "stages": [{"name": "go"',
    'no_schema.json': b'{"reward": 1}',
    'wrong_types.json': b'{"subject": 3, "target": {}, "stages": "none"}',
    'refusal.json': b'{"outcome": "not_understood", "program": null, "explanation": "no"}',
    'surrogate.json': b'{"kind": "reach", "object": "\\ud800"}',
    'empty_names.json': b'{"subject": "", "target": null, "stages": []}',
    'prose.py': b'Sure! Here is the reward you asked for.',
    'deep.py': b'(' * 5000,
    'hostile.py': b'def f(k, t):\n    return __import__("os").system("true")\n',
    'nothing.py': b'pass',
}


@pytest.fixture(scope='module')
def garbage(tmp_path_factory):
    folder = tmp_path_factory.mktemp('garbage')
    for name, content in GARBAGE.items():
        (folder / name).write_bytes(content)
    return folder


def test_whatever_is_in_a_file_rejects_it_and_never_more(garbage):
    code, output, errors = verify('--batch', garbage)
    lines = output.splitlines()
    assert code == 1
    assert [line.split()[:2] for line in lines[:-1]] == [
        ['rejected', name] for name in sorted(GARBAGE)
    ]
    assert all(len(line.split('  ', 2)[2]) > 10 for line in lines[:-1])
    assert lines[-1] == f'0 accepted, {len(GARBAGE)} rejected, of {len(GARBAGE)}'
    assert errors == ''


def test_a_folder_is_accepted_if_all_of_it_is(tmp_path):
    for name in ('b.py', 'a.py'):
        (tmp_path / name).write_text(REACH.read_text())
    (tmp_path / 'notes.txt').write_text('not looked at')
    (tmp_path / 'scene.json').write_text(SCENE.read_text())
    code, output, _ = verify('--batch', tmp_path, '--scene', tmp_path / 'scene.json')
    assert code == 0
    assert output.splitlines() == [
        'accepted  a.py', 'accepted  b.py', '2 accepted, 0 rejected, of 2',
    ]


def test_a_folder_as_json_is_an_object_a_line(tmp_path):
    (tmp_path / 'a.py').write_text(REACH.read_text())
    (tmp_path / 'b.py').write_text(FLIPPED.read_text())
    code, output, _ = verify('--batch', '--json', tmp_path)
    assert code == 1
    assert [json.loads(line)['accepted'] for line in output.splitlines()] == [True, False]


@pytest.mark.parametrize('words', [
    ('nowhere.py',),
    (PROGRAMS,),
    ('--batch', REACH),
    (REACH, '--scene', 'nowhere.json'),
    (REACH, '--scene', REACH),
    ('/dev/null',),
])
def test_trouble_of_the_tool_itself_is_exit_code_2(words):
    code, output, errors = verify(*words)
    assert code == 2
    assert errors.startswith('vls: ')
    assert 'Traceback' not in errors + output


def test_an_empty_folder_is_trouble(tmp_path):
    assert verify('--batch', tmp_path)[0] == 2


@pytest.mark.skipif(os.geteuid() == 0, reason='root may read everything')
def test_a_file_that_may_not_be_read_is_trouble(tmp_path):
    path = tmp_path / 'secret.py'
    path.write_text(REACH.read_text())
    path.chmod(0)
    assert verify(path)[0] == 2


def test_a_bug_in_the_verifier_never_looks_like_a_verdict(monkeypatch):
    def broken(*_):
        raise ZeroDivisionError('a bug')

    monkeypatch.setattr(reward, 'verify_file', broken)
    code, output, errors = verify(REACH)
    assert code == 2
    assert 'a bug' in errors
    assert len(errors.splitlines()) == 1
    assert 'rejected' not in output


def odd_folder(folder):
    """Files that are none, that cannot be read, or whose names are no names."""
    (folder / 'folder.py').mkdir()
    os.mkfifo(folder / 'pipe.py')
    for name, target in {
        'device.py': '/dev/zero', 'gone.py': 'nowhere', 'loop.py': 'loop.py',
        'broken.py': '/proc/self/mem',
    }.items():
        (folder / name).symlink_to(target)
    for name in ('CAPITALS.PY', 'new\naccepted  line.py', 'es\x1b[2Jcape.py', 'back\u202eward.py'):
        (folder / name).write_text(FLIPPED.read_text())
    (folder / os.fsdecode(b'bytes\xff.py')).write_text(FLIPPED.read_text())
    return folder


def test_odd_files_are_rejected_each_with_its_reason_and_the_others_go_on(tmp_path):
    code, output, errors = verify('--batch', odd_folder(tmp_path))
    lines = output.splitlines()
    assert (code, errors) == (1, '')
    assert lines[-1] == '0 accepted, 11 rejected, of 11'
    assert all(line.startswith('rejected  ') and line.isprintable() for line in lines[:-1])
    reasons = dict(line.split('  ', 2)[1:] for line in lines[:-1])
    for name, reason in {
        'folder.py': 'ordinary', 'pipe.py': 'ordinary', 'device.py': 'ordinary',
        'gone.py': 'cannot be read', 'loop.py': 'cannot be read', 'broken.py': 'cannot be read',
        'CAPITALS.PY': 'sign', 'es?[2Jcape.py': 'sign', 'back?ward.py': 'sign',
        'bytes?.py': 'sign',
    }.items():
        assert reason in reasons[name], name
    assert any(name.startswith('new?accepted') for line in lines for name in line.split()[1:2])


@pytest.mark.parametrize('name', ['new\naccepted  line.py', 'es\x1b[2Jcape.py', '[red]x[b].py'])
def test_the_name_of_a_file_forges_no_verdict(tmp_path, name):
    for content, expected in ((FLIPPED.read_text(), 1), (REACH.read_text(), 0)):
        (tmp_path / name).write_text(content)
        code, output, _ = verify(tmp_path / name)
        assert code == expected
        assert '\x1b' not in output
        last = output.splitlines()[-1]
        assert last.startswith('accepted' if expected == 0 else 'rejected')
    code, _, errors = verify(tmp_path / name / name)
    assert code == 2
    assert len(errors.splitlines()) == 1


def test_a_bug_about_one_of_many_is_a_line_and_the_others_go_on(tmp_path, monkeypatch):
    for name in ('a.py', 'b.py', 'c.py'):
        (tmp_path / name).write_text(name)

    def broken(path):
        if path.name == 'b.py':
            raise ZeroDivisionError('a\nbug')
        return BareCode(REACH.read_text())

    monkeypatch.setattr(verification, 'read_program_file', broken)
    code, output, errors = verify('--batch', tmp_path)
    assert (code, errors) == (2, '')
    lines = output.splitlines()
    assert [line.split()[0] for line in lines[:-1]] == ['accepted', 'failed', 'accepted']
    assert 'ZeroDivisionError: a bug' in lines[1]
    assert lines[-1] == '2 accepted, 0 rejected, 1 failed, of 3'


@pytest.mark.parametrize('content', ['# ü → \u2028 \U0001f600', '{"kind": "→ü\U0001f600"}'])
@pytest.mark.parametrize('words', [(), ('--json',)])
def test_a_terminal_without_the_letters_is_no_trouble(tmp_path, content, words):
    path = tmp_path / ('ü.json' if content.startswith('{') else 'ü.py')
    path.write_text(content)
    found = subprocess.run(
        [sys.executable, '-m', 'vls', 'verify', path, *words], capture_output=True,
        env={**os.environ, 'PYTHONIOENCODING': 'ascii'}, check=False,
    )
    assert found.returncode == 1, found.stderr
    assert found.stdout.isascii()
    assert found.stderr == b''


def test_verify_starts_without_ros_and_without_plots():
    script = (
        'import sys; import vls.cli; import vls.commands.reward; '
        'print(sorted({"rclpy", "matplotlib", "vls_interfaces"} & sys.modules.keys()))'
    )
    found = subprocess.run(
        [sys.executable, '-c', script], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == '[]'
