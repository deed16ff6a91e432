"""A task that ends withdraws its own program, never that of its successor."""

import pytest
from table_scene import table_scene

from vls_core.vlm.author import AuthoredProgram
from vls_core.vlm.layout import pick_and_place
from vls_vlm_node.outbox import ProgramOutbox

AUTHORED = AuthoredProgram(pick_and_place('red cube', 'plate', (), False), 'offline rules')


@pytest.fixture
def sent():
    return []


@pytest.fixture
def outbox(sent):
    return ProgramOutbox(sent.append)


def publish(outbox, program_id):
    outbox.publish(AUTHORED, table_scene(), program_id, 'sentence', True)


def test_a_task_withdraws_its_own_program(outbox, sent):
    publish(outbox, 'a')
    outbox.withdraw('a')
    assert [bool(message.stages) for message in sent] == [True, False]


def test_a_pre_empted_task_leaves_its_successors_program_in_force(outbox, sent):
    publish(outbox, 'a')
    publish(outbox, 'b')
    outbox.withdraw('a')
    assert sent[-1].program_id == 'b'
    outbox.withdraw('b')
    assert not sent[-1].stages


def test_a_task_that_never_published_still_makes_sure_nothing_is_in_force(outbox, sent):
    outbox.withdraw('a')
    assert [message.program_id for message in sent] == ['']


def test_stopping_the_node_withdraws_whatever_is_in_force(outbox, sent):
    publish(outbox, 'a')
    outbox.withdraw_all()
    assert not sent[-1].stages
    outbox.withdraw('a')
    assert not sent[-1].stages
