"""Every example on the page about the offline author is what it does."""

import re
from pathlib import Path

import pytest
from bench_scene import bench_scene
from offline_gist import gist, write

from vls_core.vlm.author import AuthorError

PAGE = Path(__file__).parents[4] / 'docs' / 'reference' / 'offline-author.md'
ACCEPTED, REFUSED = (
    re.findall(r'^\| `(.+?)` \| (.+?) \|$', part, re.MULTILINE)
    for part in PAGE.read_text('utf-8').split('## Refusals')
)
SCENE = bench_scene()


def test_the_page_has_examples_of_both():
    assert len(ACCEPTED) > 30 and len(REFUSED) > 10


@pytest.mark.parametrize(('sentence', 'expected'), ACCEPTED)
def test_a_sentence_is_understood_as_the_page_says(sentence, expected):
    assert gist(write(sentence, SCENE)) == expected


@pytest.mark.parametrize(('sentence', 'reason'), REFUSED)
def test_a_sentence_is_refused_as_the_page_says(sentence, reason):
    with pytest.raises(AuthorError) as caught:
        write(sentence, SCENE)
    assert reason in str(caught.value)
