"""What is taken down is what happened, once."""

import itertools

import numpy as np

from benchmarks.bridge.recording import Recorder


def recorder():
    ticks = itertools.count()
    return Recorder(clock=lambda: 0.005 * next(ticks))


def test_measurements_have_both_clocks():
    taken = recorder()
    for step in range(3):
        taken.measured(10.0 + 0.005 * step, np.full(7, step), np.zeros(7))
    recording = taken.recording(began=0.005)
    np.testing.assert_allclose(recording.times, [-0.005, 0.0, 0.005])
    np.testing.assert_allclose(recording.robot_times, [10.0, 10.005, 10.010])
    np.testing.assert_array_equal(recording.positions[:, 0], [0, 1, 2])


def test_a_state_that_was_read_before_is_no_measurement():
    taken = recorder()
    for time in (1.0, 1.0, 1.001):
        taken.measured(time, np.zeros(7), np.zeros(7))
    assert len(taken.recording(0.0).times) == 2


def test_a_reference_sent_again_counts_only_when_the_robot_has_waited_for_another():
    taken, reference = recorder(), object()
    for robot_time in (0.000, 0.001, 0.006, 0.008):
        taken.emitted(reference, np.zeros(7), robot_time)
    assert len(taken.recording(0.0).references) == 2


def test_equal_references_count_each():
    taken = recorder()
    for step in range(3):
        taken.emitted(object(), np.zeros(7), 0.005 * step)
    assert len(taken.recording(0.0).references) == 3


def test_an_empty_recording_has_the_shapes_of_a_full_one():
    recording = recorder().recording(0.0, error='nothing moved')
    assert recording.positions.shape == recording.references.shape == (0, 7)
    assert recording.error == 'nothing moved'
