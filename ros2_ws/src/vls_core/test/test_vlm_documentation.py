"""The page about the author that asks a model says what the code says."""

import dataclasses
import re
from pathlib import Path

import pytest

from vls_core.vlm import bounds
from vls_core.vlm.cassette import SHORTEST_IN_REQUESTS
from vls_core.vlm.client import AuthoringSettings
from vls_core.vlm.endpoint import MAXIMUM_BACKOFF
from vls_core.vlm.endpoint_settings import EndpointSettings
from vls_core.vlm.prompt import prompt_text
from vls_core.vlm.redaction import SHORTEST_SECRET
from vls_core.vlm.relations import DEAD_ZONE, VERTICAL_DEAD_ZONE

PAGE = (Path(__file__).resolve().parents[4] / 'docs' / 'reference' / 'vlm.md').read_text()
FIELDS = [*dataclasses.fields(EndpointSettings), *dataclasses.fields(AuthoringSettings)]


def rows():
    return dict(re.findall(r'^\| `(\w+)` \| (.*?) \|', PAGE, re.MULTILINE))


@pytest.mark.parametrize('field', FIELDS, ids=lambda field: field.name)
def test_every_setting_is_listed_with_its_default(field):
    written = rows()[field.name].strip('`')
    if field.default is dataclasses.MISSING:
        assert written == 'needed'
    elif isinstance(field.default, bool):
        assert written == ('on' if field.default else 'off')
    elif isinstance(field.default, int | float):
        assert float(written.split()[0]) == field.default
    elif isinstance(field.default, str):
        assert written == field.default
    else:
        assert written in ('none', 'unknown')


def test_no_setting_is_invented():
    assert set(rows()) == {field.name for field in FIELDS}


def test_the_numbers_in_the_text_are_those_of_the_code():
    assert f'up to {MAXIMUM_BACKOFF:g} s' in PAGE
    assert f'{200 * DEAD_ZONE:g} cm wide ({200 * VERTICAL_DEAD_ZONE:g} cm for heights)' in PAGE
    for seconds in (bounds.VERIFICATION, bounds.CACHE_ACCESS, bounds.LOOK_UP, bounds.OVERTIME):
        assert f'| {seconds:g} s: ' in PAGE
    shortest = f'than {SHORTEST_SECRET} characters, and in requests than {SHORTEST_IN_REQUESTS},'
    assert shortest in PAGE
    assert abs(len(prompt_text()) - 12_000) < 1000
