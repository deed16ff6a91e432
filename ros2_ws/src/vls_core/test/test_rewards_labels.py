from hypothesis import given
from hypothesis import strategies as st
from term_examples import EXAMPLES

from vls_core.rewards.labels import term_labels
from vls_core.rewards.program import Avoid, Code, Reach, ReachPoint, Released, SoftChoice, Stage

SOURCE = 'def f(keypoints, trajectory): ...'
TERMS = [item.term for item in EXAMPLES]
NAMES = st.sampled_from(['reach plate', 'reach plate 2', 'around the bottle'])
CODE = NAMES.map(lambda name: Code(name=name, source=SOURCE, goal='cube'))


def labels(*terms):
    return term_labels(Stage(name='s', terms=terms, completion=(Released(),)))


def test_labels_say_what_is_done_to_what():
    assert labels(
        Reach(object='plate'), ReachPoint(keypoint='mug.handle'),
        SoftChoice(keypoints=('a', 'b')), Avoid(object='bottle'),
        Code(name='around the bottle', source=SOURCE, obstacle='bottle'),
    ) == ('reach plate', 'reach_point mug.handle', 'soft_choice a or b', 'avoid bottle',
          'around the bottle')


@given(st.lists(st.one_of(st.sampled_from(TERMS), CODE), min_size=1, max_size=12))
def test_no_two_terms_of_a_stage_have_the_same_label(terms):
    found = labels(*terms)
    assert len(set(found)) == len(terms)
