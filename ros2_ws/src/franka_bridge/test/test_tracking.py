"""References keep what the envelope asks for, so that it has nothing to refuse."""

import numpy as np
import pytest
from loop_bench import Bench

from vls_core.control.envelope import EnvelopeRules
from vls_core.control.robot_limits import FR3
from vls_core.control.watchdog import BridgeState

LAST = 6  # the last joint turns the hand and moves nothing


@pytest.mark.parametrize('margin', [0.0, 0.1, 0.2])
def test_a_target_beyond_the_joint_margin_ends_inside_it_and_not_in_a_fault(margin):
    bench = Bench(envelope_rules=EnvelopeRules(joint_margin=margin))
    bench.loop.arm()
    bench.run(0.05)
    wanted = FR3.upper[LAST] - 0.001
    while bench.arm.position[LAST] < wanted - 0.5:
        bench.send(offset=0.5, horizon=30)
        bench.run(1.0)
    bench.send(offset=wanted - bench.arm.position[LAST], horizon=30)
    bench.run(3.0)
    assert bench.state is BridgeState.STARVED, bench.loop.status.reason
    reached = np.array([sent.position[LAST] for sent in bench.arm.sent])
    assert reached.max() <= FR3.upper[LAST] - margin
    assert reached[-1] > FR3.upper[LAST] - margin - 0.06


def test_what_is_asked_of_the_arm_counts_where_it_hangs_behind():
    bench = Bench()
    np.testing.assert_array_equal(bench.loop.asked_positions, bench.arm.position)
    bench.loop.arm()
    bench.arm.blocked = True
    bench.send(offset=0.1)
    bench.run(3.0)
    behind = bench.loop.asked_positions - bench.arm.position
    np.testing.assert_allclose(behind, 0.1 * np.eye(7)[LAST], atol=2e-3)
    bench.loop.disarm()
    np.testing.assert_array_equal(bench.loop.asked_positions, bench.arm.position)
