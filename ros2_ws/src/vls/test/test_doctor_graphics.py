"""The graphics card helps, if torch can use it; nothing needs it."""

import pytest
from recorded_machine import LATE, NO_ROBOT, recorded

from vls.doctor.finding import Verdict
from vls.doctor.graphics import DRIVER, check_graphics

PROPRIETARY = {DRIVER: 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12\n'}
OPEN = {DRIVER: (
    'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build\n'
)}


def graphics(files=None, devices=(), built_for='12.8'):
    answer = {'torch': '2.13.0', 'built_for': built_for, 'devices': list(devices)}
    return check_graphics(recorded(files, probes={'graphics': answer}), NO_ROBOT)


@pytest.mark.parametrize(('files', 'driver'), [
    (PROPRIETARY, '535.183.01'), (OPEN, '570.86.15'), ({}, 'unknown'),
])
def test_a_card_that_torch_can_use_is_well(files, driver):
    found = graphics(files, ['NVIDIA RTX A4000'])
    assert (found.verdict, found.seen) == (
        Verdict.OK, f'NVIDIA RTX A4000, driver {driver}, torch 2.13.0'
    )


def test_no_card_is_well():
    assert graphics(built_for=None).verdict is Verdict.OK


@pytest.mark.parametrize(('built_for', 'advice'), [(None, 'CUDA build'), ('12.8', 'nvidia-smi')])
def test_a_card_that_torch_cannot_use_is_a_warning(built_for, advice):
    found = graphics(PROPRIETARY, built_for=built_for)
    assert found.verdict is Verdict.WARNING
    assert advice in found.advice


def test_without_torch_it_is_skipped_and_silence_is_a_warning():
    missing = recorded(probes={'graphics': {'missing': 'torch'}})
    assert check_graphics(missing, NO_ROBOT).verdict is Verdict.SKIPPED
    late = recorded(probes={'graphics': LATE})
    assert check_graphics(late, NO_ROBOT).verdict is Verdict.WARNING
