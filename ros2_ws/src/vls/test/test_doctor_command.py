"""`vls doctor`: what it prints, and what its exit code says."""

import json
import subprocess
import sys

import pytest
from recorded_machine import recorded
from typer.testing import CliRunner

from vls.application import app
from vls.commands import doctor
from vls.doctor.checks import Check
from vls.doctor.finding import Finding, Verdict

OK = Finding('kernel', Verdict.OK, 'PREEMPT_RT')
WARNING = Finding('clock', Verdict.WARNING, 'not synchronised', 'install chrony')
PROBLEM = Finding('robot', Verdict.PROBLEM, 'refused [red]\x1b[2J', 'activate FCI')


@pytest.fixture
def finds(monkeypatch):
    """Makes the checks find what is given; nothing else is looked at."""

    def find(*findings):
        checks = [
            Check(item.check, lambda machine, subject, item=item: item) for item in findings
        ]
        monkeypatch.setattr(doctor, 'CHECKS', checks)
        monkeypatch.setattr(doctor, 'this_machine', recorded)

    return find


def run(*words):
    result = CliRunner().invoke(app, ['doctor', *words])
    return result.exit_code, result.stdout


def test_without_a_problem_the_exit_code_is_0(finds):
    finds(OK, WARNING)
    code, output = run()
    assert code == 0
    assert 'install chrony' in output
    assert output.rstrip().endswith('0 problems, 1 warning, 1 ok, 0 skipped')


def test_with_a_problem_it_is_1(finds):
    finds(OK, PROBLEM)
    code, output = run()
    assert code == 1
    assert '1 problem, 0 warnings' in output


def test_what_others_say_cannot_control_the_terminal(finds):
    finds(PROBLEM)
    _, output = run()
    assert '\x1b' not in output
    assert '[red]' in output


def test_json_says_the_same(finds):
    finds(OK, WARNING, PROBLEM)
    code, output = run('--json')
    record = json.loads(output)
    assert (code, record['ready']) == (1, False)
    assert record['findings'][1] == {
        'check': 'clock', 'verdict': 'warning', 'seen': 'not synchronised',
        'advice': 'install chrony',
    }


def test_the_options_reach_the_checks(monkeypatch):
    subjects = []

    def look(machine, subject):
        subjects.append(subject)
        return OK

    monkeypatch.setattr(doctor, 'CHECKS', [Check('kernel', look)])
    run('--robot-ip', '127.0.0.9', '--vlm-base-url', 'http://127.0.0.1/v1', '--vlm-model', 'm')
    (subject,) = subjects
    assert (subject.robot_ip, subject.vlm_base_url, subject.vlm_model) == (
        '127.0.0.9', 'http://127.0.0.1/v1', 'm'
    )


def test_ctrl_c_is_130(monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(doctor, 'examine', interrupt)
    assert run()[0] == 130


def test_it_starts_without_what_takes_long_to_import():
    script = (
        'import sys; import vls.cli; import vls.commands.doctor; print(sorted({"rclpy", "torch", '
        '"matplotlib", "openai", "franky", "vls_interfaces"} & sys.modules.keys()))'
    )
    found = subprocess.run(
        [sys.executable, '-c', script], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == '[]'


def test_the_command_works_where_ros_is_missing():
    script = (
        'import sys\n'
        'sys.modules["rclpy"] = sys.modules["vls_interfaces"] = None\n'
        'sys.argv = ["vls", "doctor", "--help"]\n'
        'from vls.cli import main\n'
        'main()\n'
    )
    found = subprocess.run(
        [sys.executable, '-c', script], capture_output=True, text=True, check=True
    )
    assert '--robot-ip' in found.stdout
