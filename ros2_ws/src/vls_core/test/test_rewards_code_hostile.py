"""No hostile program is accepted, whatever it tries; see `hostile_programs.py`."""

import time

import pytest
import torch
from hostile_programs import KEYPOINTS, UNPARSABLE, families, reward_with

from vls_core.rewards.code.checking import check_in_worker
from vls_core.rewards.code.compiler import compile_reward
from vls_core.rewards.code.dry_run import dry_run
from vls_core.rewards.code.errors import RewardCodeError
from vls_core.rewards.code.worker import Worker, WorkerTimeoutError

FAMILIES = families()
LONGEST = 2.0
"""Nothing may take longer than this [s]."""


@pytest.fixture(scope='module')
def worker():
    with Worker() as worker:
        yield worker


def refusal(source):
    """Why a program is refused before it is evaluated with numbers; None if it is not."""
    try:
        dry_run(compile_reward(source), KEYPOINTS)
    except RewardCodeError as error:
        return error.reason
    return None


def is_accepted_by_numbers(source, worker):
    """What the worker says; one that had to be killed accepted nothing."""
    try:
        return check_in_worker(worker, source, KEYPOINTS, None, deadline=LONGEST).accepted
    except WorkerTimeoutError:
        return False


def test_the_corpus_is_large_and_without_repetitions():
    programs = [program for family in FAMILIES.values() for program in family]
    assert len(programs) >= 320
    assert len(set(programs)) == len(programs)


def test_what_attacks_are_put_into_is_accepted_without_them(worker):
    assert refusal(reward_with()) is None
    assert refusal(reward_with('x = 1.0')) is None
    report = check_in_worker(worker, reward_with('x = 1.0'), KEYPOINTS, None, deadline=20.0)
    assert report.accepted, report.findings


@pytest.mark.parametrize('family', sorted(FAMILIES))
def test_no_program_is_accepted(family, worker):
    accepted = []
    for source in FAMILIES[family]:
        began = time.process_time()
        reason = refusal(source)
        assert time.process_time() - began < LONGEST, source[:300]
        if reason is None and is_accepted_by_numbers(source, worker):
            accepted.append(source[:500])
    assert not accepted, '\n\n'.join(accepted)


@pytest.mark.parametrize('family', sorted(FAMILIES.keys() - UNPARSABLE - {'garbage', 'size'}))
def test_programs_are_refused_for_what_they_try(family):
    """An attack that is not even Python would prove nothing."""
    for source in FAMILIES[family]:
        assert 'not valid Python' not in (refusal(source) or ''), source


def test_a_refused_program_leaves_torch_as_it_was():
    before = (torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads())
    for source in FAMILIES['torch_access']:
        refusal(source)
    assert (torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads()) == before
