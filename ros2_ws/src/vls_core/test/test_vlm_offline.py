"""The offline author understands what it says it does, and refuses everything else."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from table_scene import table_scene, thing

from vls_core.rewards.check import check_program
from vls_core.rewards.program import Avoid
from vls_core.types import ObjectKind, Scene
from vls_core.vlm.author import (
    AuthorRequest,
    NotUnderstoodError,
    UnknownObjectInInstructionError,
)
from vls_core.vlm.layout import MAXIMUM_AVOIDED
from vls_core.vlm.offline import SOURCE, OfflineAuthor

SCENE = table_scene()
AUTHOR = OfflineAuthor()
CUBES = {'red cube': ['red cube', 'red block', 'red one'], 'green cube': ['green box', 'green'],
         'blue cube': ['blue cube'], 'yellow cube': ['yellow brick']}
TARGETS = {'plate': ['plate', 'dish'], 'tray': ['tray', 'basket']}
BOTTLE = ['bottle', 'flask']

FRAGMENTS = {'put', 'the', 'red cube', 'on', 'plate', 'in', 'tray', 'avoid', 'bottle', 'and', ',',
             'not', 'it', 'stay clear of', 'pick up', 'to'}

articles = st.sampled_from(['the ', 'a ', 'that ', ''])
verbs = st.sampled_from(['put', 'place', 'move', 'bring', 'please put', 'could you carry', 'Set'])
relations = st.sampled_from(['on', 'in', 'into', 'onto', 'on top of', 'to', 'over to', 'inside'])
clauses = st.sampled_from([
    ', stay clear of {}', ' and avoid {}', ' while avoiding {}', ', keep away from {}',
    ' without touching {}', ', but do not hit {}', '; steer clear of {}!', ' away from {}',
])


def write(instruction, scene=SCENE):
    return AUTHOR.write(AuthorRequest(instruction, scene))


def avoided(program):
    """What every stage avoids; None if the stages differ in that."""
    names = {frozenset(term.object for term in stage.terms if isinstance(term, Avoid))
             for stage in program.stages}
    return set(names.pop()) if len(names) == 1 else None


@given(st.data(), articles, articles, verbs, relations, st.booleans(),
       st.sampled_from([str, str.upper]))
def test_every_wording_gives_the_same_checked_program(
    data, first, second, verb, relation, avoiding, case
):
    subject = data.draw(st.sampled_from(sorted(CUBES)))
    target = data.draw(st.sampled_from(sorted(TARGETS)))
    thing_words = data.draw(st.sampled_from(CUBES[subject]))
    place_words = data.draw(st.sampled_from(TARGETS[target]))
    sentence = f'{verb} {first}{thing_words} {relation} {second}{place_words}'
    if avoiding:
        sentence += data.draw(clauses).format('the ' + data.draw(st.sampled_from(BOTTLE)))
    authored = write(case(sentence))
    assert (authored.program.subject, authored.program.target) == (subject, target)
    assert authored.source == SOURCE
    assert avoided(authored.program) == {'bottle'}
    check_program(authored.program, SCENE)


def test_things_named_to_be_avoided_are_avoided_in_every_stage():
    program = write('put the red cube on the plate, avoid the bottle and the green cube').program
    assert avoided(program) == {'bottle', 'green cube'}


def test_an_obstacle_nobody_named_is_avoided_and_the_notes_say_so():
    notes = ' '.join(write('put the red cube on the plate').notes)
    assert 'bottle too' in notes


def test_a_warning_may_come_first():
    program = write('avoid the yellow cube and put the red cube in the tray').program
    assert avoided(program) == {'bottle', 'yellow cube'}


def test_picking_up_and_putting_it_somewhere_is_one_task():
    program = write('pick up the blue cube and put it in the tray').program
    assert (program.subject, program.target) == ('blue cube', 'tray')


def test_an_ambiguous_noun_is_refused_with_the_candidates():
    with pytest.raises(NotUnderstoodError, match='red cube, green cube, blue cube, yellow cube'):
        write('put the cube on the plate')


def test_a_noun_is_enough_when_only_one_thing_has_it():
    scene = Scene(0.0, tuple(item for item in SCENE.objects
                             if item.name in ('red cube', 'plate', 'bottle')))
    assert write('put the cube on the plate', scene).program.subject == 'red cube'


def test_the_plain_word_comes_before_its_synonyms():
    scene = table_scene(thing('box', at=(0.60, 0.0)))
    assert write('put the box on the plate', scene).program.subject == 'box'


def test_the_kind_settles_what_the_words_leave_open():
    scene = table_scene(thing('blue plate', at=(0.60, 0.0)))
    assert write('put the blue one on the tray', table_scene()).program.subject == 'blue cube'
    with pytest.raises(NotUnderstoodError, match='blue cube, blue plate'):
        write('put the blue one on the tray', scene)


def test_a_name_that_holds_and_is_one_thing():
    scene = table_scene(thing('salt and pepper', ObjectKind.OBSTACLE, (0.60, 0.0)))
    program = write('put the red cube on the plate, avoid the salt and pepper', scene).program
    assert avoided(program) == {'bottle', 'salt and pepper'}


@given(st.sampled_from(['mug', 'dog', 'orange plate', 'red red plate']))
def test_what_is_not_there_is_named_with_what_is_seen_and_what_was_found(phrase):
    with pytest.raises(UnknownObjectInInstructionError) as caught:
        write(f'put the {phrase} on the plate')
    assert caught.value.words == (phrase,)
    assert caught.value.seen == SCENE.names
    assert '"plate" is the plate' in str(caught.value)


def test_all_unknown_things_are_named_at_once():
    with pytest.raises(UnknownObjectInInstructionError) as caught:
        write('put the mug on the shelf and stay clear of the cat')
    assert caught.value.words == ('mug', 'shelf', 'cat')


def test_nothing_in_view_is_said():
    with pytest.raises(UnknownObjectInInstructionError, match='seen: nothing'):
        write('put the red cube on the plate', Scene(0.0, ()))


@pytest.mark.parametrize('instruction', [
    '', '   ', '?!', 'hello', 'the red cube', 'put', 'put the red cube', 'put on the plate',
    'put the red cube on', 'stay clear of the bottle', 'put the red cube on the plate, avoid',
    'do not put the red cube on the plate', "don't put the red cube on the plate",
    'never put the red cube on the plate',
    'put the red cube on the plate, do not avoid the bottle',
    "put the red cube on the plate but don't move the bottle",
    'put the red cube not on the plate',
    'put the red cube on the plate and the blue cube in the tray',
    'put the red cube on the plate and put the blue cube in the tray',
    'put the red cube next to the bottle', 'put the red cube under the tray',
    'move the red cube from the plate to the tray', 'put it on the plate and it in the tray',
    'put the bottle on the plate', 'put the plate in the tray', 'put the red cube on the bottle',
    'put the red cube on the red cube', 'put the red cube on the plate, avoid the plate',
    'put the red cube on the plate, avoid the red cube', 'pick up the plate',
])  # fmt: skip
def test_what_is_no_clear_task_is_refused(instruction):
    with pytest.raises(NotUnderstoodError):
        write(instruction)


@given(st.text(max_size=80))
def test_any_text_at_all_ends_in_a_program_or_a_named_refusal(text):
    with contextlib.suppress(NotUnderstoodError, UnknownObjectInInstructionError):
        check_program(write(text).program, SCENE)


@given(st.lists(st.sampled_from(sorted(FRAGMENTS)), max_size=14).map(' '.join))
def test_scrambled_sentences_never_move_what_they_do_not_name(text):
    try:
        program = write(text).program
    except (NotUnderstoodError, UnknownObjectInInstructionError):
        return
    assert 'not' not in text.split()
    assert program.subject == 'red cube'
    check_program(program, SCENE)


def test_more_obstacles_than_a_stage_has_room_for_are_refused():
    crowd = [thing(f'post {number}', ObjectKind.OBSTACLE) for number in range(MAXIMUM_AVOIDED)]
    with pytest.raises(NotUnderstoodError, match='11 objects'):
        write('put the red cube on the plate', table_scene(*crowd))
    assert write('put the red cube on the plate', table_scene(*crowd[1:]))
