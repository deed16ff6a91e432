"""Parameters that cannot work are refused with a sentence that says what to change."""

from dataclasses import replace

import pytest

from vls_core.vlm.compose import CachedAuthor, FallbackAuthor
from vls_core.vlm.offline import OfflineAuthor
from vls_ros.lifecycle import SetupError
from vls_vlm_node.settings import Parameters, build_author

ENDPOINT = Parameters(base_url='http://127.0.0.1:1/v1', model='small-model')


def test_without_an_endpoint_the_offline_rules_write():
    assert isinstance(build_author(Parameters()), OfflineAuthor)


def test_an_endpoint_gets_a_cache_and_a_substitute_unless_told_otherwise():
    assert isinstance(build_author(ENDPOINT), FallbackAuthor)
    alone = replace(ENDPOINT, fall_back_to_offline=False)
    assert isinstance(build_author(alone), CachedAuthor)
    bare = build_author(replace(alone, use_cache=False))
    assert 'small-model' in bare.identity
    assert not isinstance(bare, CachedAuthor)


@pytest.mark.parametrize(('parameters', 'advice'), [
    (Parameters(model='m'), 'base_url is empty'),
    (Parameters(base_url='http://127.0.0.1:1/v1'), 'no model'),
    (Parameters(base_url='localhost:8000', model='m'), 'write e.g.'),
])
def test_what_cannot_be_an_endpoint_is_refused(parameters, advice):
    with pytest.raises(SetupError, match=advice):
        build_author(parameters)


@pytest.mark.parametrize('corner', [(0.1, 0.2), (9.0, 9.0, 9.0), (float('nan'), 0.0, 0.0)])
def test_a_workspace_that_is_no_box_is_refused(corner):
    with pytest.raises(SetupError, match='workspace'):
        _ = replace(Parameters(), workspace_lower=corner).workspace
