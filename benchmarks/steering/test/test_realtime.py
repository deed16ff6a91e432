import numpy as np

from benchmarks.steering.realtime import LATENCY_STEPS, REPLAN_STEPS, _change, _executed, table
from vls_core.control.fr3 import DOWNWARD_QUATERNION
from vls_core.types import ActionChunk


def chunk(first, step=0.01, horizon=16):
    """Moves along x by so much per step, from where `first` says."""
    targets = np.zeros((horizon, 7))
    targets[:, 0] = first + step * np.arange(1, horizon + 1)
    targets[:, 3:] = DOWNWARD_QUATERNION
    return ActionChunk(0.0, 1 / 15, 1, targets, np.ones(horizon))


def test_until_a_chunk_arrives_the_last_one_goes_on():
    last, new = chunk(0.0), chunk(5.0)
    targets, gripper = _executed(last, new, LATENCY_STEPS)
    assert len(targets) == len(gripper) == REPLAN_STEPS
    np.testing.assert_array_equal(targets[:3], last.targets[8:11])
    np.testing.assert_array_equal(targets[3:], new.targets[3:8])


def test_the_first_chunk_is_followed_from_its_start():
    new = chunk(0.0)
    np.testing.assert_array_equal(_executed(None, new, LATENCY_STEPS)[0], new.targets[:8])


def test_a_chunk_that_continues_the_last_one_changes_no_step():
    assert _change(chunk(0.0), chunk(0.08), LATENCY_STEPS) < 1e-12
    assert abs(_change(chunk(0.0), chunk(0.10), LATENCY_STEPS) - 0.02) < 1e-12


def test_the_table_has_a_line_per_arm_and_none_of_them_hides_failures():
    rows = [{'arm': name, 'success': success, 'duration': 8.0, 'changes': [0.01, 0.03],
             'evaluations': 198.0}
            for name in ('no latency', 'unaware of the latency', 'committed steps kept',
                         'and softly inpainted', 'and started warm')
            for success in (True, False)]
    shown = table(rows)
    assert shown.row_count == 5
    assert all(cell.startswith('50 (') for cell in shown.columns[1]._cells)
