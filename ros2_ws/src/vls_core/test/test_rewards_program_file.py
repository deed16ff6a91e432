"""Files hold a program, an answer, a stage, a term or code; anything else rejects them."""

from __future__ import annotations

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vls_core.rewards.program import Reach, RewardProgram, Stage
from vls_core.rewards.program_file import (
    MAXIMUM_SIZE,
    BareCode,
    ProgramFileError,
    read_json,
    read_program_file,
)
from vls_core.rewards.verification.report import Check

TERM = {'kind': 'reach', 'object': 'mug'}
STAGE = {'name': 'go', 'terms': [TERM], 'completion': [{'kind': 'elapsed'}]}
PROGRAM = {'subject': 'mug', 'stages': [STAGE]}


@pytest.mark.parametrize(('document', 'kind'), [
    (TERM, Reach), (STAGE, Stage), (PROGRAM, RewardProgram),
    ({'outcome': 'program', 'program': PROGRAM, 'missing': [], 'explanation': ''}, RewardProgram),
    ({'program': PROGRAM}, RewardProgram),
])
def test_each_form_is_told_from_the_others(document, kind):
    assert isinstance(read_json(json.dumps(document)), kind)


@pytest.mark.parametrize(('text', 'word'), [
    ('', 'no JSON'), ('{', 'no JSON'), ('[]', 'no JSON object'), ('{}', '"stages"'),
    ('{"program": null, "explanation": "what?"}', 'what?'),
    (json.dumps({**PROGRAM, 'extra': 1}), 'extra'),
    (json.dumps({**TERM, 'height': 7}), 'height'),
    ('{"kind": "reach", "object": "mug", "height": Infinity}', 'Infinity'),
    ('{"kind": "reach", "object": "mug", "height": ' + '9' * 4000 + '}', 'digits'),
    ('[' * 100_000, 'too deeply'),
    ('{"kind": "fly"}', 'fly'),
    ('{"kind": ["reach"]}', ''),
    (r'{"kind": "reach", "object": "\udc00"}', 'surrogate'),
    ('{"kind": "reach", "object": "mug", "weight": true}', 'weight'),
    ('{"kind": "reach", "object": "mug", "weight": "1"}', 'weight'),
    ('{"kind": "reach", "object": "mug", "offset": [0, 0, "0"]}', 'offset.2'),
    ('{"kind": "reach", "object": "mug", "height": 0.' + '1' * 100_000 + '}', 'digits'),
    ('{"kind": "reach", "object": "mug", "object": "plate"}', '"object" is given twice'),
    (json.dumps({'outcome': 'not_understood', 'program': PROGRAM}), 'exactly if'),
    (json.dumps({'outcome': 'program', 'program': None}), 'exactly if'),
    (json.dumps({'outcome': 'perhaps', 'program': PROGRAM}), 'outcome'),
    (json.dumps({'program': PROGRAM, 'evil': 1}), 'evil'),
    ('{"outcome": "not_understood", "explanation": "so what"}', 'so what'),
])
def test_what_is_wrong_is_named(text, word):
    with pytest.raises(ProgramFileError) as caught:
        read_json(text)
    assert caught.value.check is Check.STATIC
    assert word in str(caught.value)


UNSEEN = {
    'escape': '\x1b[31mmug', 'line': 'mug\naccepted  mug', 'return': 'mug\rcup', 'bell': '\x07',
    'direction': '\u202egum', 'isolate': '\u2066', 'no width': 'mu\u200bg', 'tag': 'a\U000e0041',
    'csi': '\x9b31m', 'nothing': '', 'not a letter': '\uffff',
}
LONG = 'x' * 121


def named(name):
    """What names something, each with that name, and where it does so."""
    terms = {
        'object': TERM, 'keypoint': {'kind': 'reach_point'},
        'subject': {'kind': 'place', 'object': 'plate'},
        'goal': {'kind': 'code', 'name': 'c', 'source': 's'},
        'obstacle': {'kind': 'code', 'name': 'c', 'source': 's'},
    }
    for field, term in terms.items():
        yield f'{term["kind"]}.{field}', {**term, field: name}
    yield 'keypoints', {'kind': 'soft_choice', 'keypoints': ['mug', name]}
    yield 'target', {**STAGE, 'completion': [{'kind': 'on', 'object': 'mug', 'target': name}]}
    yield 'keypoint', {**STAGE, 'completion': [{'kind': 'reached', 'keypoint': name}]}
    yield 'name', {**STAGE, 'name': name}
    yield 'subject', {**PROGRAM, 'subject': name}
    yield 'target', {**PROGRAM, 'target': name}


@pytest.mark.parametrize('name', [*UNSEEN.values(), LONG], ids=[*UNSEEN, 'long'])
def test_names_that_would_not_be_seen_as_they_are_are_refused(name):
    for field, document in named(name):
        with pytest.raises(ProgramFileError, match=field):
            read_json(json.dumps(document))


@pytest.mark.parametrize('name', [
    'mug', 'rote Tasse', 'чашка', '茶碗', 'taza ñ', 'mug.handle', 'ü' * 80,
])
def test_names_in_any_script_are_names(name):
    for _, document in named(name):
        read_json(json.dumps(document))


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(['kind', 'terms', 'stages', 'program', 'name', 'object', 'weight']),
        inner, max_size=4,
    ),
    max_leaves=8,
)


@given(json_values)
def test_any_json_is_a_program_or_explained(value):
    try:
        read_json(json.dumps(value))
    except ProgramFileError as error:
        assert str(error)


@given(st.binary(max_size=300), st.sampled_from(['.py', '.json', '']))
def test_any_bytes_are_read_or_explained(tmp_path_factory, content, suffix):
    path = tmp_path_factory.mktemp('any') / f'file{suffix}'
    path.write_bytes(content)
    try:
        read_program_file(path)
    except ProgramFileError as error:
        assert str(error)


def test_code_is_taken_as_it_stands(tmp_path):
    path = tmp_path / 'reward.py'
    path.write_text('anything at all')
    assert read_program_file(path) == BareCode('anything at all')


@pytest.mark.parametrize(('name', 'check'), [('a.py', Check.SYNTAX), ('a.json', Check.STATIC)])
@pytest.mark.parametrize('content', [b'', b'  \n', b'\xff\xfe', b'x' * (MAXIMUM_SIZE + 1)])
def test_files_that_hold_nothing_are_rejected(tmp_path, name, check, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ProgramFileError) as caught:
        read_program_file(tmp_path / name)
    assert caught.value.check is check


@pytest.mark.parametrize('name', ['pipe.py', 'folder.json', 'device.py'])
def test_what_is_no_ordinary_file_is_not_opened(tmp_path, name):
    path = tmp_path / name
    match path.stem:
        case 'pipe':
            os.mkfifo(path)
        case 'folder':
            path.mkdir()
        case 'device':
            path.symlink_to('/dev/zero')
    with pytest.raises(ProgramFileError, match='no ordinary file'):
        read_program_file(path)


def test_endless_files_are_not_read_to_their_end(tmp_path):
    path = tmp_path / 'sparse.py'
    with path.open('wb') as file:
        file.truncate(2**40)
    with pytest.raises(ProgramFileError, match='longer'):
        read_program_file(path)


def test_capitals_in_the_name_of_a_file_do_not_matter(tmp_path):
    path = tmp_path / 'REACH.JSON'
    path.write_text(json.dumps(TERM))
    assert isinstance(read_program_file(path), Reach)


def test_a_missing_file_is_the_trouble_of_whoever_reads_it(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_program_file(tmp_path / 'nowhere.py')
