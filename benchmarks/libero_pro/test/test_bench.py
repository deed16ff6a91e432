"""Episodes are paired and planned once; what is done is not done again; bad input is answered."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.libero_pro import arms
from benchmarks.libero_pro.__main__ import RESULTS, folder_of, main
from benchmarks.libero_pro.bench import EVALUATION_STATES, Case, Plan, counted, remaining, run
from benchmarks.libero_pro.demonstrations import TRAINING_STATES
from benchmarks.libero_pro.learned import Record, key_of
from benchmarks.libero_pro.policy import FAMILIES
from benchmarks.libero_pro.suites import tasks
from benchmarks.steering.version import ROOT, SOURCES, imported_by
from vls_core.eval.rows import VersionedRows
from vls_core.policies.flow import CheckpointError

KNOWN = {key_of(task): Record(5, 5) for task in tasks('libero_object')}


def plan(**changes):
    values = {'cells': (('libero_object', 'none'), ('libero_object', 'position')),
              'arms': ('base', 'ours'), 'episodes': 30, 'known': KNOWN}
    return Plan(**{**values, **changes})


def test_every_case_is_run_by_every_arm_from_the_same_state_with_the_same_noise():
    by_arm = {
        arm: [case.key[:-2] for case in plan().cases() if case.arm == arm]
        for arm in ('base', 'ours')
    }
    assert by_arm['base'] == by_arm['ours']
    assert len(by_arm['ours']) == len(set(by_arm['ours'])) == 2 * 10 * 30


def test_nothing_is_evaluated_from_a_state_that_was_learned_from():
    assert not set(EVALUATION_STATES) & set(TRAINING_STATES)
    assert {case.state for case in plan().cases()} == set(EVALUATION_STATES)


def test_what_a_row_covers_is_not_run_again():
    cases = plan(episodes=1).cases()
    rows = [vars(case) for case in cases[:7]]
    assert remaining(plan(episodes=1), rows) == cases[7:]


def test_the_version_of_rows_is_that_of_everything_an_arm_imports():
    program = (
        'import sys, benchmarks.libero_pro.arms\n'
        'for name, module in sys.modules.items():\n'
        '    if name.partition(".")[0] in ("benchmarks", "vls_core"): print(module.__file__)'
    )
    run = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True,
                         check=True, cwd=ROOT)
    imported = {Path(line) for line in run.stdout.splitlines() if line.endswith('.py')}
    assert len(imported) > 100
    assert set(imported_by(Path(arms.__file__), (ROOT, SOURCES / 'vls_core'))) == imported


def test_tasks_that_do_not_count_are_not_run():
    out = tasks('libero_object')[3]
    known = {**KNOWN, key_of(out): Record(0, 5)}
    assert out.name not in {case.task for case in plan(known=known).cases()}


def test_episodes_of_tasks_that_do_not_count_are_in_no_table():
    inside, out = plan(episodes=1).tasks()[:2]
    rows = [vars(case) for case in plan(episodes=1).cases()]
    found = counted(rows, {**KNOWN, key_of(out): Record(0, 0, 'out of the scene')})
    assert {row['task'] for row in rows} - {row['task'] for row in found} == {out.name}
    assert inside.name in {row['task'] for row in found}


def test_a_quick_run_takes_a_few_tasks_of_each_cell():
    assert len(plan(tasks_per_cell=2).tasks()) == 4


def test_tables_of_two_families_of_policies_lie_apart():
    folders = {folder_of(family, quick) for family in FAMILIES for quick in (False, True)}
    assert len(folders) == 2 * len(FAMILIES)
    assert folder_of('flow') == RESULTS


def test_a_case_is_told_apart_by_all_it_has():
    case = Case('libero_object', 'none', 'a', 0, 0, 'ours')
    assert len(case.key) == 7


@pytest.mark.parametrize(('arguments', 'said'), [
    (['--suites', 'libero_moon'], 'libero_spatial'),
    (['--perturbations', 'weather'], 'semantic'),
    (['--arms', 'magic'], 'best of N'),
    (['--suites', 'libero_goal', '--perturbations', 'displaced-x0.1'], 'libero_object'),
    (['--episodes', '0'], 'begin at 1'),
    (['--processes', '0'], 'begin at 1'),
])
def test_what_cannot_be_run_is_answered_with_what_can(arguments, said, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_without_a_base_policy_the_rows_are_left_alone(tmp_path):
    rows = VersionedRows(tmp_path / 'rows.jsonl', 'other code')
    rows.append({'seed': 0})
    with pytest.raises(CheckpointError):
        run(plan(checkpoints=tmp_path), rows.path, processes=1)
    assert len(rows.read()) == 1 and not rows.stale_path.exists()
