"""What can be said about the containers without building them."""

import re
from pathlib import Path

import pytest
import yaml

from vls.node_table import NODE_TABLE

ROOT = Path(__file__).resolve().parents[4]
DOCKERFILE = (ROOT / 'docker' / 'Dockerfile').read_text()
SERVICES = yaml.safe_load((ROOT / 'docker' / 'compose.yaml').read_text())['services']


def test_profiles_are_sim_and_robot():
    assert {name for item in SERVICES.values() for name in item['profiles']} == {'sim', 'robot'}


@pytest.mark.parametrize('name', SERVICES)
def test_service_is_built_from_a_target_of_the_dockerfile(name):
    targets = set(re.findall(r'^FROM \S+ AS (\w+)', DOCKERFILE, re.MULTILINE))
    build = SERVICES[name]['build']
    assert build['target'] in targets
    assert (ROOT / 'docker' / build['context'] / build['dockerfile']).is_file()
    assert SERVICES[name]['network_mode'] == 'host'


def test_services_run_executables_of_the_node_table():
    known = {(entry.package, entry.executable) for entry in NODE_TABLE}
    for service in SERVICES.values():
        words = service['command'].split()
        if words[1] == 'run':
            assert (words[2], words[3]) in known


def test_bridge_may_be_real_time_and_is_dry_by_default():
    bridge = SERVICES['bridge']
    assert bridge['cap_add'] == ['SYS_NICE']
    assert bridge['ulimits'] == {'rtprio': 99, 'rttime': -1, 'memlock': -1}
    assert 'dry_run:=${DRY_RUN:-true}' in bridge['command']
    assert bridge['build']['target'] == 'robot'


def test_everything_that_is_copied_exists():
    for sources in re.findall(r'^COPY (?!--)(.+) \S+$', DOCKERFILE, re.MULTILINE):
        for source in sources.split():
            assert (ROOT / source).exists(), source


def test_robot_image_has_no_torch():
    pattern = re.search(r"FROM base AS robot.*?grep -E '(.+?)'", DOCKERFILE, re.DOTALL).group(1)
    lock = (ROOT / 'requirements.lock').read_text()
    chosen = {line.partition('==')[0] for line in lock.splitlines() if re.match(pattern, line)}
    assert {'franky-control', 'ruckig', 'pyrealsense2'} <= chosen
    assert not {'torch', 'openai', 'pydantic', 'mujoco'} & chosen


def test_every_file_says_that_it_was_not_tried_here():
    for name in ('Dockerfile', 'compose.yaml', 'limits.conf', '99-realsense.rules'):
        assert 'never' in (ROOT / 'docker' / name).read_text().split('\n\n')[0]
