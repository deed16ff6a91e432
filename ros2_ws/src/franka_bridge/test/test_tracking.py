"""References keep what the envelope asks for, so that it has nothing to refuse."""

import numpy as np
import pytest
from loop_bench import Bench

from vls_core.control.envelope import EnvelopeRules
from vls_core.control.robot_limits import FR3
from vls_core.control.watchdog import BridgeState

PLACE = 6  # the last joint turns the hand and moves nothing


@pytest.mark.parametrize('margin', [0.0, 0.1, 0.2])
def test_a_target_beyond_the_joint_margin_ends_inside_it_and_not_in_a_fault(margin):
    bench = Bench(envelope_rules=EnvelopeRules(joint_margin=margin))
    bench.loop.arm()
    bench.run(0.05)
    wanted = FR3.upper[PLACE] - 0.001
    while bench.arm.position[PLACE] < wanted - 0.5:
        bench.send(offset=0.5, horizon=30)
        bench.run(1.0)
    bench.send(offset=wanted - bench.arm.position[PLACE], horizon=30)
    bench.run(3.0)
    assert bench.state is BridgeState.STARVED, bench.loop.status.reason
    reached = np.array([sent.position[PLACE] for sent in bench.arm.sent])
    assert reached.max() <= FR3.upper[PLACE] - margin
    assert reached[-1] > FR3.upper[PLACE] - margin - 0.06
