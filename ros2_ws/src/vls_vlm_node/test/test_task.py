"""The task machine: what it waits for, what it asks for, and how it ends; on an injected clock."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from table_scene import table_scene, thing

from vls_core.rewards.check import Problem, ProgramRejectedError, Rule
from vls_core.rewards.verification.report import (
    Check,
    Finding,
    ProgramUnverifiedError,
    Verdict,
    VerificationReport,
)
from vls_core.types import Scene
from vls_core.vlm.author import (
    AuthoredProgram,
    EndpointError,
    MalformedAnswerError,
    NotUnderstoodError,
    SecondLookError,
    UnknownObjectInInstructionError,
)
from vls_core.vlm.layout import pick_and_place
from vls_vlm_node.commands import (
    AskAuthor,
    Finish,
    PublishProgram,
    StartUnsteered,
    VerifyAgain,
)
from vls_vlm_node.task import Task
from vls_vlm_node.world import (
    BridgeReport,
    BridgeState,
    ErrorCode,
    Goal,
    Patience,
    Phase,
    SteeringReport,
    SteeringState,
    World,
)

PATIENCE = Patience(scene=5.0, reappearance=2.0, authoring=30.0, policy=6.0, bridge=2.0)
PROGRAM = AuthoredProgram(
    pick_and_place('red cube', 'plate', ('bottle',), inside=False), 'offline rules'
)
REFUSED = VerificationReport('p', 's', (
    Finding(Check.GOAL, Verdict.FAILED, 'red cube', 'falls towards the goal'),
))
MISSING = UnknownObjectInInstructionError(('mug',), ('plate',))
ACCEPTED = 1000.0
STEP = 0.25
ID = 'id-1'


class Driver:
    """Steps a task through time; the bridge reports all the while unless told otherwise."""

    def __init__(self, timeout=60.0):
        self.now = 50.0
        self.task = Task(Goal('sentence', ACCEPTED, timeout), ID, PATIENCE, self.now)
        self.world = World()
        self.bridge_state = BridgeState.ARMED
        self.bridge_values = {}
        self.commands = []

    def step(self, **changes):
        self.world = replace(self.world, **changes)
        if self.bridge_state is not None:
            report = BridgeReport(self.now, self.bridge_state, **self.bridge_values)
            self.world = replace(self.world, bridge=report)
        command = self.task.step(self.now, self.world)
        self.commands += [command] if command else []
        self.now += STEP
        return command

    def run(self, duration, **changes):
        """Steps on for that long; returns the last command and when it came."""
        command, end = self.step(**changes), self.now + duration
        while command is None and self.now < end:
            command = self.step()
        return command

    def to_authoring(self):
        assert isinstance(self.step(scene=scene()), AskAuthor)
        return self

    def to_acting(self):
        self.to_authoring()
        assert isinstance(self.step(authored=PROGRAM), PublishProgram)
        return self

    def report(self, state, **values):
        return SteeringReport(self.now, values.pop('program_id', ID), state, **values)


def scene(stamp=ACCEPTED + 0.1, *extra):
    return table_scene(*extra, stamp=stamp)


def code(command):
    assert isinstance(command, Finish), command
    return command.outcome.code


def test_a_task_looks_then_has_a_program_written_then_acts_then_is_done():
    driver = Driver()
    assert driver.step() is None
    asked = driver.step(scene=scene())
    assert asked == AskAuthor(driver.world.scene)
    assert driver.run(10.0) is None
    published = driver.step(authored=PROGRAM)
    assert published == PublishProgram(PROGRAM, asked.scene)
    assert driver.step(steering=driver.report(SteeringState.RUNNING)) is None
    done = driver.step(steering=driver.report(SteeringState.SUCCEEDED))
    assert code(done) is ErrorCode.NONE
    assert 'red cube' in done.outcome.message
    assert driver.task.phase is Phase.FINISHED


def test_after_the_end_nothing_is_asked_for_any_more():
    driver = Driver().to_acting()
    assert code(driver.step(cancelled=True)) is ErrorCode.CANCELLED
    assert driver.run(20.0, scene=scene(), authored=PROGRAM, preempted=True) is None


@pytest.mark.parametrize(('seen', 'advice'), [
    (None, 'perception node running'),
    (scene(ACCEPTED - 3.0), 'older than the task'),
    (Scene(ACCEPTED + 1.0, ()), 'no object is recognised'),
])
def test_without_a_usable_scene_it_ends_and_says_what_to_check(seen, advice):
    driver = Driver()
    command = driver.run(20.0, scene=seen)
    assert code(command) is ErrorCode.NO_SCENE
    assert advice in command.outcome.message
    assert driver.now - 50.0 == pytest.approx(PATIENCE.scene, abs=2 * STEP)


def test_a_scene_from_before_the_task_is_not_looked_at():
    driver = Driver()
    assert driver.run(1.0, scene=scene(ACCEPTED - 0.01)) is None
    assert isinstance(driver.step(scene=scene(ACCEPTED)), AskAuthor)


def test_an_unknown_object_ends_the_task_before_anything_is_published():
    driver = Driver().to_authoring()
    command = driver.run(10.0, authored=MISSING)
    assert code(command) is ErrorCode.UNKNOWN_OBJECT
    assert '"mug"' in command.outcome.message
    assert not any(isinstance(item, PublishProgram) for item in driver.commands)


def test_an_object_that_comes_into_view_in_time_is_found():
    driver = Driver().to_authoring()
    assert driver.step(authored=MISSING, scene=scene(ACCEPTED + 0.5)) is None
    more = scene(ACCEPTED + 0.7, thing('mug'))
    assert driver.step(scene=more) == AskAuthor(more)


def test_of_a_scene_that_keeps_changing_is_asked_once_more_at_most():
    driver = Driver().to_authoring()
    for number in range(8):
        driver.step(authored=MISSING, scene=scene(ACCEPTED + number, thing(f'thing {number}')))
    assert [type(item) for item in driver.commands] == [AskAuthor, AskAuthor, Finish]
    assert driver.commands[-1].outcome.code is ErrorCode.UNKNOWN_OBJECT


def test_a_program_is_verified_again_for_what_is_in_view_when_it_is_written():
    driver = Driver().to_authoring()
    more = scene(ACCEPTED + 5.0, thing('mug'))
    assert driver.step(authored=PROGRAM, scene=more) == VerifyAgain(PROGRAM, more)
    assert driver.step(authored=None) is None
    assert driver.step(authored=PROGRAM) == PublishProgram(PROGRAM, more)


def test_a_program_refused_for_what_came_into_view_is_asked_for_once_more_and_no_more():
    driver = Driver().to_authoring()
    driver.step(authored=PROGRAM, scene=scene(ACCEPTED + 5.0, thing('mug')))
    refused = ProgramUnverifiedError(REFUSED)
    more = scene(ACCEPTED + 5.2, thing('mug'))
    assert driver.step(authored=refused, scene=more) == AskAuthor(more)
    assert code(driver.step(authored=refused)) is ErrorCode.AUTHOR_FAILED


def test_a_scene_that_never_stays_the_same_is_given_up():
    driver, command, number = Driver().to_authoring(), None, 0
    while not isinstance(command, Finish) and number < 1000:
        number += 1
        writing = number % 2
        command = driver.step(authored=None if writing else PROGRAM,
                              scene=scene(ACCEPTED + number, thing(f'thing {number}')))
    assert code(command) is ErrorCode.AUTHOR_FAILED


def test_it_does_not_begin_unsteered_with_other_things_in_view_than_that_was_written_for():
    driver = Driver().to_authoring()
    changed = scene(ACCEPTED + 1.0, thing('mug'))
    assert driver.step(meanwhile=PROGRAM, scene=changed) is None
    assert isinstance(driver.step(scene=scene(ACCEPTED + 1.1)), StartUnsteered)


def test_the_same_objects_are_not_asked_about_twice():
    driver = Driver().to_authoring()
    for number in range(30):
        driver.step(authored=MISSING, scene=scene(ACCEPTED + number))
    assert [type(item) for item in driver.commands] == [AskAuthor, Finish]


@pytest.mark.parametrize(('error', 'expected'), [
    (NotUnderstoodError('which cube?'), ErrorCode.NOT_UNDERSTOOD),
    (EndpointError('http://x', 'is down', 'start it'), ErrorCode.AUTHOR_FAILED),
    (MalformedAnswerError('nonsense'), ErrorCode.AUTHOR_FAILED),
    (ProgramRejectedError((Problem(Rule.TIME, 'too long'),)), ErrorCode.AUTHOR_FAILED),
    (ProgramUnverifiedError(REFUSED), ErrorCode.AUTHOR_FAILED),
    (SecondLookError('mug', 'jug', 'from above'), ErrorCode.NOT_UNDERSTOOD),
])
def test_every_failure_of_the_author_has_a_code_and_its_words(error, expected):
    command = Driver().to_authoring().step(authored=error)
    assert code(command) is expected
    assert str(error) in command.outcome.message


def test_an_unknown_error_of_the_author_is_named_without_its_words():
    command = Driver().to_authoring().step(authored=ValueError('Bearer secret'))
    assert code(command) is ErrorCode.AUTHOR_FAILED
    assert 'ValueError' in command.outcome.message
    assert 'secret' not in command.outcome.message


def test_an_author_that_never_ends_is_given_up():
    driver = Driver().to_authoring()
    assert code(driver.run(60.0)) is ErrorCode.AUTHOR_FAILED


def test_a_silent_policy_is_noticed_from_the_start():
    assert code(Driver().to_acting().run(10.0)) is ErrorCode.POLICY_SILENT


def test_a_policy_that_falls_silent_is_noticed():
    driver = Driver().to_acting()
    for _ in range(60):
        assert driver.step(steering=driver.report(SteeringState.RUNNING)) is None
    assert code(driver.run(10.0)) is ErrorCode.POLICY_SILENT


@pytest.mark.parametrize('state', list(SteeringState))
def test_reports_about_another_program_count_for_nothing(state):
    driver = Driver().to_acting()
    for _ in range(8):
        assert driver.step(steering=driver.report(state, program_id='other')) is None
    assert driver.task.steering_of(driver.world) is None
    assert code(driver.run(10.0)) is ErrorCode.POLICY_SILENT


def test_a_failed_stage_is_named():
    driver = Driver().to_acting()
    command = driver.step(steering=driver.report(SteeringState.FAILED, stage_name='carry it'))
    assert code(command) is ErrorCode.STAGE_FAILED
    assert '"carry it"' in command.outcome.message


def test_the_motion_has_the_time_the_goal_gives_it():
    driver = Driver(timeout=20.0).to_authoring()
    assert driver.run(25.0) is None, 'waiting for the author does not use it up'
    driver.step(authored=PROGRAM)
    began = driver.now
    command = None
    while command is None:
        command = driver.step(steering=driver.report(SteeringState.RUNNING, stage_name='carry'))
    assert code(command) is ErrorCode.TASK_TIMEOUT
    assert '"carry"' in command.outcome.message
    assert driver.now - began == pytest.approx(20.0, abs=2 * STEP)


@pytest.mark.parametrize('advance', [lambda driver: driver, Driver.to_authoring, Driver.to_acting])
@pytest.mark.parametrize(('change', 'expected'), [
    ({'cancelled': True}, ErrorCode.CANCELLED),
    ({'preempted': True}, ErrorCode.PREEMPTED),
    ({'stopping': True}, ErrorCode.CANCELLED),
    ({'cancelled': True, 'preempted': True}, ErrorCode.CANCELLED),
])
def test_it_can_be_interrupted_in_every_phase_at_once(advance, change, expected):
    assert code(advance(Driver()).step(**change)) is expected


@pytest.mark.parametrize('advance', [lambda driver: driver, Driver.to_authoring, Driver.to_acting])
@pytest.mark.parametrize('state', [BridgeState.FAULT, BridgeState.ESTOP])
@pytest.mark.parametrize('dry_run', [False, True])
def test_a_fault_or_stop_ends_it_at_once_with_the_reason(advance, state, dry_run):
    driver = advance(Driver())
    driver.bridge_state, driver.bridge_values = state, {'reason': 'reflex', 'dry_run': dry_run}
    command = driver.step()
    assert code(command) is ErrorCode.BRIDGE_NOT_READY
    assert 'reflex' in command.outcome.message


@pytest.mark.parametrize('advance', [lambda driver: driver, Driver.to_authoring, Driver.to_acting])
def test_an_unarmed_arm_is_waited_for_a_little(advance):
    driver = advance(Driver())
    driver.bridge_state = BridgeState.IDLE
    assert driver.run(PATIENCE.bridge - 2 * STEP) is None
    driver.bridge_state = BridgeState.ARMED
    assert driver.step() is None
    driver.bridge_state = BridgeState.IDLE
    assert code(driver.run(10.0)) is ErrorCode.BRIDGE_NOT_READY


def test_nothing_is_published_while_the_arm_is_not_armed():
    driver = Driver().to_authoring()
    driver.bridge_state = BridgeState.IDLE
    assert driver.step(authored=PROGRAM) is None
    driver.bridge_state = BridgeState.ARMED
    assert isinstance(driver.step(), PublishProgram)


def test_a_dry_run_needs_no_armed_arm():
    driver = Driver()
    driver.bridge_state, driver.bridge_values = BridgeState.IDLE, {'dry_run': True}
    driver.to_acting()
    assert driver.run(PATIENCE.bridge * 1.5) is None


@pytest.mark.parametrize('advance', [lambda driver: driver, Driver.to_authoring, Driver.to_acting])
def test_a_bridge_that_is_gone_is_noticed(advance):
    driver = advance(Driver())
    driver.bridge_state = None
    command = driver.run(10.0)
    assert code(command) is ErrorCode.BRIDGE_NOT_READY
    assert 'franka_bridge running' in command.outcome.message


def test_it_begins_unsteered_only_when_it_may_and_only_once():
    driver = Driver().to_authoring()
    assert driver.run(1.0) is None
    begun = driver.step(meanwhile=PROGRAM)
    assert begun == StartUnsteered(PROGRAM, driver.world.scene)
    assert driver.run(1.0) is None
    assert isinstance(driver.step(authored=PROGRAM), PublishProgram)


def test_it_does_not_begin_unsteered_while_an_earlier_task_is_at_work():
    driver = Driver().to_authoring()
    assert driver.run(1.0, meanwhile=PROGRAM, occupied=True) is None
    assert isinstance(driver.step(occupied=False), StartUnsteered)


def test_it_does_not_begin_unsteered_while_the_arm_is_not_armed():
    driver = Driver().to_authoring()
    driver.bridge_state = BridgeState.IDLE
    assert driver.step(meanwhile=PROGRAM) is None
    driver.bridge_state = BridgeState.ARMED
    assert isinstance(driver.step(), StartUnsteered)


def test_what_the_base_policy_finishes_alone_is_finished():
    driver = Driver().to_authoring()
    own = driver.task.unsteered_id
    early = driver.report(SteeringState.SUCCEEDED, program_id=own)
    assert driver.step(steering=early) is None, 'it has not begun'
    driver.step(meanwhile=PROGRAM)
    for state in (SteeringState.RUNNING, SteeringState.FAILED):
        assert driver.step(steering=driver.report(state, program_id=own)) is None
    done = driver.step(steering=driver.report(SteeringState.SUCCEEDED, program_id=own))
    assert code(done) is ErrorCode.NONE
    assert 'unsteered' in done.outcome.message


def test_an_author_that_fails_ends_what_began_unsteered():
    driver = Driver().to_authoring()
    driver.step(meanwhile=PROGRAM)
    failed = driver.step(authored=MalformedAnswerError('nonsense'))
    assert code(failed) is ErrorCode.AUTHOR_FAILED


def test_a_task_without_a_target_ends_with_a_sentence_too():
    driver = Driver().to_authoring()
    program = PROGRAM.program.model_copy(update={'target': None})
    driver.step(authored=replace(PROGRAM, program=program))
    done = driver.step(steering=driver.report(SteeringState.SUCCEEDED))
    assert 'None' not in done.outcome.message
    assert 'red cube' in done.outcome.message


@given(st.lists(st.fixed_dictionaries({}, optional={
    'scene': st.sampled_from([None, scene(), scene(0.0), scene(ACCEPTED + 1, thing('mug'))]),
    'authored': st.sampled_from([None, PROGRAM, MISSING, NotUnderstoodError('x')]),
    'meanwhile': st.sampled_from([None, PROGRAM]), 'occupied': st.booleans(),
    'steering': st.builds(SteeringReport, st.floats(40.0, 60.0), st.sampled_from([ID, 'other']),
                          st.sampled_from(SteeringState)),
    'cancelled': st.booleans(), 'preempted': st.booleans(),
}), max_size=40), st.sampled_from(BridgeState))
def test_whatever_happens_programs_come_after_questions_and_the_end_comes_once(events, state):
    driver = Driver()
    driver.bridge_state = state
    for event in events:
        driver.step(**event)
    kinds = [type(item) for item in driver.commands]
    assert kinds.count(Finish) <= 1
    assert Finish not in kinds[:-1]
    assert kinds.count(PublishProgram) <= 1
    assert kinds.count(StartUnsteered) <= 1
    if StartUnsteered in kinds:
        assert AskAuthor in kinds[: kinds.index(StartUnsteered)]
    if PublishProgram in kinds:
        assert AskAuthor in kinds[: kinds.index(PublishProgram)]
        assert state not in (BridgeState.IDLE, BridgeState.FAULT, BridgeState.ESTOP)


@given(st.integers(0, 3))
def test_it_always_ends(phase):
    driver = [Driver(), Driver().to_authoring(), Driver().to_acting(), Driver()][phase]
    assert isinstance(driver.run(200.0), Finish)
