"""The loop against an arm in memory that fails on request; what works is tested on franky_sim."""

import threading

import numpy as np
import pytest
from loop_bench import PERIOD, Bench

from franka_bridge.arm import ArmError
from vls_core.control import fr3
from vls_core.control.chunk_rules import ExpiredChunkError
from vls_core.control.envelope import EnvelopeRules
from vls_core.control.gripper_logic import GripperCommand, GripperOutcome
from vls_core.control.kinematics import Fr3Kinematics
from vls_core.control.watchdog import BridgeState, TransitionError

HOME = fr3.HOME_JOINT_POSITIONS


def assert_all_at(position, references):
    assert len(references) > 5
    for reference in references:
        np.testing.assert_allclose(reference.position, position, atol=1e-9)


@pytest.fixture
def bench():
    return Bench()


@pytest.fixture
def armed(bench):
    bench.loop.arm()
    bench.run(0.05)
    return bench


def test_nothing_is_sent_before_arming(bench):
    bench.run(0.1)
    with pytest.raises(TransitionError, match='arm first'):
        bench.send()
    assert bench.arm.sent == []
    assert bench.loop.status.refused_chunks == 1


def test_an_armed_arm_holds_still(armed):
    assert armed.state is BridgeState.ARMED
    assert_all_at(HOME, armed.arm.sent)


def test_a_chunk_is_followed_to_its_end_and_then_held(armed):
    armed.send(offset=0.1)
    armed.run(0.5)
    assert armed.state is BridgeState.TRACKING
    armed.run(2.0)
    assert armed.state is BridgeState.STARVED
    assert armed.loop.status.starvations == 1
    np.testing.assert_allclose(armed.arm.position[6], HOME[6] + 0.1, atol=2e-3)
    held = armed.arm.position.copy()
    armed.run(1.0)
    np.testing.assert_allclose(armed.arm.position, held, atol=1e-9)


def test_a_new_chunk_ends_starvation(armed):
    armed.send(horizon=2)
    armed.run(1.0)
    assert armed.state is BridgeState.STARVED
    armed.send()
    armed.run(0.02)
    assert armed.state is BridgeState.TRACKING


def test_starving_in_full_motion_brakes_within_the_limits(armed):
    armed.send(offset=1.0, horizon=30)
    armed.run(1.0)
    armed.loop._cycle.tracking.chunks.clear(armed.now)
    armed.run(1.0)
    velocities = np.array([sent.velocity for sent in armed.arm.sent])
    limit = 0.3 * fr3.MAXIMUM_JOINT_ACCELERATIONS * PERIOD + 1e-9
    assert (np.abs(np.diff(velocities, axis=0)) <= limit).all()
    np.testing.assert_allclose(velocities[-1], 0.0, atol=1e-9)


def test_dry_run_computes_references_and_sends_nothing():
    bench = Bench(dry_run=True)
    bench.loop.arm()
    bench.send(offset=0.1)
    bench.run(2.0)
    assert bench.arm.sent == []
    assert not bench.arm.tracking
    assert bench.gripper.commands == []
    assert bench.references[-1].position[6] == pytest.approx(HOME[6] + 0.1, abs=2e-3)
    with pytest.raises(TransitionError, match='dry_run'):
        bench.loop.home()


def test_a_reflex_latches_a_fault_until_recovered_and_armed_again(armed):
    armed.send()
    armed.run(0.1)
    armed.arm.reflex = ArmError('cartesian_reflex')
    armed.run(0.02)
    assert armed.state is BridgeState.FAULT
    assert armed.loop.status.reason == 'cartesian_reflex'
    assert armed.arm.stops > 0
    armed.arm.reflex = None
    with pytest.raises(TransitionError, match='recover first'):
        armed.send()
    with pytest.raises(TransitionError, match='recover first'):
        armed.loop.arm()
    armed.loop.recover()
    assert armed.state is BridgeState.IDLE
    assert not armed.arm.tracking


def test_with_a_gripper_that_stays_silent_nothing_is_recovered_or_armed(armed):
    armed.loop.fault('gripper: silent')
    armed.gripper.failure = 'gripper: silent'
    with pytest.raises(ArmError, match='silent'):
        armed.loop.recover()
    assert armed.loop.status.state is BridgeState.FAULT
    armed.gripper.failure = ''
    armed.loop.recover()
    assert armed.loop.status.state is BridgeState.IDLE


def test_after_recovery_references_start_where_the_arm_is(armed):
    armed.loop.stop()
    armed.arm.position = HOME + 0.1  # moved by hand
    armed.run(0.02)
    armed.loop.recover()
    armed.loop.arm()
    armed.arm.sent.clear()
    armed.run(0.1)
    assert_all_at(HOME + 0.1, armed.arm.sent)


@pytest.mark.parametrize('recovered', [False, True])
def test_chunks_computed_before_arming_are_never_followed(armed, recovered):
    if recovered:
        armed.loop.stop()
        armed.loop.recover()
    else:
        armed.loop.disarm()
    armed.run(0.01)
    armed.loop.arm()
    with pytest.raises(ExpiredChunkError):
        armed.send(age=0.05)


def test_an_error_the_robot_reports_is_a_fault(armed):
    armed.arm.error = 'the user stop is pressed'
    armed.run(PERIOD)
    assert armed.state is BridgeState.FAULT
    assert 'user stop' in armed.loop.status.reason


def test_a_lost_connection_is_a_fault_and_no_stale_state_is_published(armed):
    armed.arm.lost = True
    published = len(armed.references)
    armed.run(0.05)
    assert armed.state is BridgeState.FAULT
    assert len(armed.references) == published


def test_a_blocked_arm_is_noticed(armed):
    armed.arm.blocked = True
    armed.send(offset=0.5)
    armed.run(1.2)
    assert armed.state is BridgeState.FAULT
    assert 'does not follow' in armed.loop.status.reason


def test_an_unforeseen_error_stops_the_arm_too(armed):
    armed.arm.reflex = ZeroDivisionError('a bug')
    armed.run(PERIOD)
    assert armed.state is BridgeState.FAULT
    assert 'internal error' in armed.loop.status.reason
    assert not armed.arm.tracking


def test_a_stop_latches_whatever_happens_before_and_after(armed):
    armed.loop.stop()
    armed.loop.fault('something else')
    armed.run(0.05)
    assert armed.state is BridgeState.ESTOP
    assert not armed.arm.tracking


def test_a_stop_while_the_controller_is_starting_wins(bench):
    bench.arm.while_starting = bench.loop.stop
    with pytest.raises(TransitionError):
        bench.loop.arm()
    assert bench.state is BridgeState.ESTOP
    assert not bench.arm.tracking


def test_a_stop_while_recovering_wins(armed):
    armed.loop.fault('cartesian_reflex')
    armed.arm.recover = armed.loop.stop
    with pytest.raises(TransitionError, match='stopped again'):
        armed.loop.recover()
    assert armed.state is BridgeState.ESTOP


def test_home_opens_the_gripper_goes_home_and_follows_again(armed):
    armed.send(offset=0.2)
    armed.run(1.5)
    armed.home()
    assert armed.gripper.commands[-1] is GripperCommand.OPEN
    np.testing.assert_allclose(armed.arm.position, HOME, atol=1e-3)
    assert armed.state is BridgeState.ARMED
    armed.arm.sent.clear()
    armed.run(0.05)
    assert_all_at(armed.arm.position, armed.arm.sent)
    armed.send()
    armed.run(0.02)
    assert armed.state is BridgeState.TRACKING


@pytest.mark.parametrize(('rest_of_the_way', 'arrives'), [(10.0, True), (0.0, False)])
def test_an_arm_that_is_home_is_so_however_late_somebody_looks(armed, rest_of_the_way, arrives):
    armed.send(offset=0.2)
    armed.run(1.5)

    class SlowToLook:
        """Stands in for the event: while it is waited for, the arm goes on and a minute passes."""

        def wait(self, period):
            armed.run(rest_of_the_way)
            armed.now += 60.0

    if arrives:
        armed.loop._home.run(SlowToLook())
    else:
        with pytest.raises(ArmError, match='in time'):
            armed.loop._home.run(SlowToLook())


def test_home_needs_an_armed_arm(bench):
    with pytest.raises(TransitionError, match='call arm first'):
        bench.loop.home()


def test_home_outside_of_the_workspace_is_refused_and_the_arm_stays():
    low = fr3.WorkspaceBox(np.array([0.28, -0.55, 0.015]), np.array([0.80, 0.55, 0.25]))
    bench = Bench(envelope_rules=EnvelopeRules(workspace=low))
    bench.arm.position = Fr3Kinematics().solve(
        np.array([0.55, 0.2, 0.1]), fr3.DOWNWARD_QUATERNION, HOME
    )
    bench.loop.arm()
    with pytest.raises(TransitionError, match='workspace_upper'):
        bench.loop.home()
    assert bench.state is BridgeState.ARMED
    assert bench.gripper.commands == []


def test_home_goes_up_before_it_goes_across(armed):
    low = Fr3Kinematics().solve(np.array([0.55, 0.2, 0.05]), fr3.DOWNWARD_QUATERNION, HOME)
    armed.loop.disarm()
    armed.arm.position = low
    armed.loop.arm()
    armed.arm.sent.clear()
    armed.home()
    way = np.array([Fr3Kinematics().forward(sent.position)[0] for sent in armed.arm.sent])
    across = np.linalg.norm(way[:, :2] - way[0, :2], axis=1) > 0.05
    assert (way[across, 2] > 0.2).all()
    np.testing.assert_allclose(armed.arm.position, HOME, atol=1e-3)


def test_a_gripper_that_does_not_open_keeps_the_arm_where_it_is(armed):
    armed.gripper.last_outcome = GripperOutcome.FAILED
    with pytest.raises(ArmError, match='gripper'):
        armed.home()
    assert armed.state is BridgeState.FAULT


def test_a_stop_on_the_way_home_wins_and_chunks_are_refused_meanwhile(armed):
    armed.send(offset=0.3)
    armed.run(1.5)
    refusals = []

    def call():
        with pytest.raises(ArmError) as refusal:
            armed.loop.home()
        refusals.append(refusal)

    caller = threading.Thread(target=call)
    caller.start()
    while not armed.loop._home.under_way:
        armed.run(0.005)
    with pytest.raises(TransitionError, match='going home'):
        armed.send()
    armed.loop.stop()
    caller.join(5.0)
    assert 'operator' in str(refusals[0].value)
    assert armed.state is BridgeState.ESTOP


def test_the_gripper_is_told_once_per_change(armed):
    for gripper in (1.0, 0.55, 0.1, 0.45):
        armed.send(offset=0.0, gripper=gripper)
        armed.run(0.4)
    assert armed.gripper.commands == [GripperCommand.OPEN, GripperCommand.CLOSE]


def test_limits_hold_in_the_time_of_a_robot_slower_than_real_time(armed):
    armed.arm.sent.clear()
    armed.send(offset=2.0, horizon=15)
    armed.run(1.0, robot_speed=0.4)
    positions = np.array([sent.position for sent in armed.arm.sent])
    robot_times = PERIOD * 0.4 * np.arange(len(positions))
    window = 25
    speeds = (positions[window:] - positions[:-window]) / (
        robot_times[window:] - robot_times[:-window]
    )[:, None]
    assert speeds.max() > 0.5  # it did move
    assert np.abs(speeds).max() <= 1.15 * 0.3 * fr3.MAXIMUM_JOINT_VELOCITIES[6]
