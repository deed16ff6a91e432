"""A stream that was played again counts once, and what came of it before is not lost."""

from benchmarks.bridge.plan import DEFAULT
from benchmarks.bridge.settling import settle, too_slow


def test_the_last_row_counts_and_the_others_are_kept_in_short(make_row):
    slow = {**make_row('clean', DEFAULT, 0), 'robot_pace': 0.3, 'reflexes': ['one'],
            'discarded': [{'robot_pace': 0.2, 'reflexes': [], 'error': ''}]}
    good = {**make_row('clean', DEFAULT, 0), 'robot_pace': 1.0, 'discarded': []}
    other = {**make_row('clean', DEFAULT, 1), 'discarded': []}
    assert too_slow(slow) and not too_slow(good)
    settled = settle([slow, other, good])
    assert [row['seed'] for row in settled] == [1, 0]
    assert settled[1]['robot_pace'] == 1.0
    assert [row['robot_pace'] for row in settled[1]['discarded']] == [0.2, 0.3]
    assert settled[1]['discarded'][1]['reflexes'] == ['one']
