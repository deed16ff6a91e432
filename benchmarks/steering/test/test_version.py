import pytest

from benchmarks.steering.version import CHECKPOINT, content_version, imported_by


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / 'package'
    (folder / 'test').mkdir(parents=True)
    (folder / 'code.py').write_text('answer = 42\n')
    (folder / 'notes.txt').write_text('nothing\n')
    (folder / 'test' / 'test_code.py').write_text('pass\n')
    return folder


def test_the_version_follows_contents_names_and_settings(package):
    before = content_version([package], {'trust': 2.0})
    assert content_version([package], {'trust': 2.0}) == before
    assert content_version([package], {'trust': 1.0}) != before
    (package / 'code.py').rename(package / 'other.py')
    renamed = content_version([package], {'trust': 2.0})
    assert renamed != before
    (package / 'other.py').write_text('answer = 43\n')
    assert content_version([package], {'trust': 2.0}) not in (before, renamed)


def test_tests_and_texts_do_not_count(package):
    before = content_version([package])
    (package / 'notes.txt').write_text('something\n')
    (package / 'test' / 'test_code.py').write_text('assert True\n')
    assert content_version([package]) == before


def test_comments_and_docstrings_do_not_count_and_what_they_are_about_does(package):
    code = package / 'code.py'
    code.write_text('def answer():\n    return 42\n')
    before = content_version([package])
    code.write_text('"""Says."""\n\ndef answer():  # why\n    """What."""\n    return 42\n')
    assert content_version([package]) == before
    code.write_text('def answer():\n    "What."\n    return "42"\n')
    assert content_version([package]) != before


def test_a_class_of_nothing_but_a_docstring_counts(package):
    (package / 'code.py').write_text('class Wrong(ValueError):\n    """Says what."""\n')
    before = content_version([package])
    (package / 'code.py').write_text('class Wrong(KeyError):\n    """Says what."""\n')
    assert content_version([package]) != before


def test_a_single_file_counts_whatever_its_kind(package):
    before = content_version([package / 'notes.txt'])
    (package / 'notes.txt').write_text('something\n')
    assert content_version([package / 'notes.txt']) != before


def test_what_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        content_version([tmp_path / 'missing'])


def test_the_checkpoint_is_where_it_is_said_to_be():
    assert CHECKPOINT.is_file()


def test_what_is_imported_counts_and_what_is_not_does_not(tmp_path):
    for name, content in {
        'arms/__init__.py': '', 'arms/strong.py': 'from arms import weak\nimport json\n',
        'arms/weak.py': 'def late():\n    from tools.hand.grip import hold\n',
        'arms/other.py': 'import arms.strong\n', 'tools/__init__.py': '',
        'tools/hand/__init__.py': 'from tools import strength\n',
        'tools/hand/grip.py': 'hold = 1\n',
        'tools/strength.py': 'import arms.strong\n', 'tools/hand/unused.py': '',
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    found = imported_by(tmp_path / 'arms' / 'strong.py', [tmp_path, tmp_path / 'elsewhere'])
    assert [str(file.relative_to(tmp_path)) for file in found] == [
        'arms/__init__.py', 'arms/strong.py', 'arms/weak.py', 'tools/__init__.py',
        'tools/hand/__init__.py', 'tools/hand/grip.py', 'tools/strength.py',
    ]
