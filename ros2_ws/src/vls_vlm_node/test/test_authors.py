"""Who writes and who looks, as the parameters say."""

import subprocess
import sys
from dataclasses import replace

import pytest
from fake_endpoint import FakeEndpoint, completion, failure
from table_scene import table_scene

from vls_core.vlm.author import AuthorRequest, EndpointError, NotUnderstoodError
from vls_core.vlm.compose import CachedAuthor, FallbackAuthor, VerifiedAuthor
from vls_core.vlm.layout import pick_and_place
from vls_core.vlm.offline import OfflineAuthor
from vls_core.vlm.static_verifier import StaticVerifier
from vls_core.vlm.usage import Usage
from vls_ros.lifecycle import SetupError
from vls_vlm_node.authors import build_authors
from vls_vlm_node.settings import Parameters

ENDPOINT = Parameters(base_url='http://127.0.0.1:1/v1', model='small-model')
ALONE = replace(ENDPOINT, fall_back_to_offline=False)
BARE = replace(ALONE, use_cache=False)
REQUEST = AuthorRequest('put the red cube on the plate', table_scene())
PROGRAM = pick_and_place('red cube', 'plate', ('bottle',), inside=False)
ANSWER = {'outcome': 'program', 'program': PROGRAM.model_dump(mode='json'), 'explanation': 'ok'}


def build(parameters):
    return build_authors(parameters, StaticVerifier())


def test_without_an_endpoint_the_offline_rules_write_and_are_verified():
    authors = build(Parameters())
    assert isinstance(authors.author, VerifiedAuthor)
    assert 'offline rules' in authors.author.identity
    assert authors.checker is None
    assert authors.usage() == Usage()


def test_the_offline_rules_know_the_workspace_of_the_node():
    narrow = Parameters(workspace_upper=(0.8, 0.55, 0.05))
    with pytest.raises(NotUnderstoodError, match='workspace'):
        build(narrow).author.write(REQUEST)


def test_an_endpoint_gets_a_cache_and_a_substitute_unless_told_otherwise():
    assert isinstance(build(ENDPOINT).author, FallbackAuthor)
    assert isinstance(build(ALONE).author, CachedAuthor)
    bare = build(BARE).author
    assert 'small-model' in bare.identity
    assert not isinstance(bare, CachedAuthor)


def test_the_base_policy_begins_alone_only_when_told_to_and_only_when_there_is_a_wait():
    assert build(ENDPOINT).meanwhile is None
    assert isinstance(build(replace(ENDPOINT, start_unsteered=True)).meanwhile, OfflineAuthor)
    assert build(Parameters(start_unsteered=True)).meanwhile is None


def test_stages_are_looked_at_only_when_told_to():
    assert build(ENDPOINT).checker is None
    assert build(replace(ENDPOINT, stage_checks=True)).checker is not None


@pytest.mark.parametrize(('parameters', 'advice'), [
    (Parameters(model='m'), 'base_url is empty'),
    (Parameters(stage_checks=True), 'set base_url'),
    (Parameters(base_url='http://127.0.0.1:1/v1'), 'no model'),
    (Parameters(base_url='localhost:8000', model='m'), 'write e.g.'),
    (replace(ENDPOINT, cassette_mode='record'), 'cassette_file'),
    (replace(ENDPOINT, cassette_mode='replay', cassette_file='/nowhere/tape'), '/nowhere/tape'),
])
def test_what_cannot_work_is_refused(parameters, advice):
    with pytest.raises(SetupError, match=advice):
        build(parameters)


def test_settings_reach_the_endpoint():
    with FakeEndpoint(completion(ANSWER)) as server:
        parameters = replace(BARE, base_url=server.base_url, seed=7, temperature=0.5, votes=3)
        build(replace(parameters, votes=1)).author.write(REQUEST)
        assert (server.requests[0]['seed'], server.requests[0]['temperature']) == (7, 0.5)
        build(parameters).author.write(REQUEST)
        assert len(server.requests) == 4
        build(replace(parameters, votes=1, seed=-1, temperature=-1.0)).author.write(REQUEST)
        assert not {'seed', 'temperature'} & server.requests[-1].keys()


def test_questions_are_counted_whatever_became_of_them():
    with FakeEndpoint(completion(ANSWER), completion('nonsense')) as server:
        authors = build(replace(BARE, base_url=server.base_url))
        authors.author.write(REQUEST)
        assert authors.usage().questions == 1
        with pytest.raises(Exception, match='no usable program'):
            authors.author.write(REQUEST)
        assert authors.usage().questions == 3


def test_what_is_recorded_can_be_replayed_without_an_endpoint(tmp_path):
    tape = str(tmp_path / 'tape')
    with FakeEndpoint(completion(ANSWER)) as server:
        recording = replace(
            BARE, base_url=server.base_url, cassette_mode='record', cassette_file=tape
        )
        first = build(recording).author.write(REQUEST)
    replayed = build(replace(recording, cassette_mode='replay')).author.write(REQUEST)
    assert replayed.program == first.program


def test_an_outage_without_cache_and_substitute_is_an_error():
    with FakeEndpoint(failure(500)) as server, pytest.raises(EndpointError):
        build(replace(BARE, base_url=server.base_url, maximum_retries=0)).author.write(REQUEST)


def test_without_an_endpoint_the_openai_package_is_not_needed():
    script = (
        'import sys\n'
        'sys.modules["openai"] = None\n'
        'import vls_vlm_node.node\n'
        'from vls_vlm_node.authors import build_authors\n'
        'from vls_vlm_node.settings import Parameters\n'
        'print(build_authors(Parameters(), None).author.identity)\n'
    )
    result = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert 'offline rules' in result.stdout
