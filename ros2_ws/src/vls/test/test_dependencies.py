"""Which package may import which: it keeps the robot computer small and the core testable."""

import ast
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from vls.node_table import NODE_TABLE

SOURCES = Path(__file__).resolve().parents[2]
NODES = {
    'franka_bridge', 'vls_perception_node', 'vls_policy_node', 'vls_sim', 'vls_vlm_node'
}
OURS = NODES | {'vls', 'vls_core', 'vls_interfaces', 'vls_ros'}
ALLOWED = {
    'vls_core': set(),
    'vls_ros': {'vls_core', 'vls_interfaces'},
    'vls': {'vls_core', 'vls_interfaces', 'vls_ros'},
    **{node: {'vls_core', 'vls_interfaces', 'vls_ros'} for node in NODES},
}


def modules(package):
    return sorted((SOURCES / package / package).rglob('*.py'))


def imports(path):
    """Top-level names of everything a file imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition('.')[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module.partition('.')[0])
    return found


@pytest.mark.parametrize('package', sorted(ALLOWED))
def test_package_imports_only_what_lies_below_it(package):
    files = modules(package)
    assert files
    for path in files:
        strangers = (imports(path) & OURS) - ALLOWED[package] - {package}
        assert not strangers, f'{path.relative_to(SOURCES)} imports {strangers}'


def test_the_library_knows_no_ros():
    for path in modules('vls_core'):
        ros = {name for name in imports(path) if name == 'rclpy' or name.endswith('_msgs')}
        assert not ros, f'{path.relative_to(SOURCES)} imports {ros}'


def test_the_library_imports_with_ros_blocked():
    script = (
        'import sys, importlib, pkgutil\n'
        'sys.modules["rclpy"] = sys.modules["vls_interfaces"] = None\n'
        'import vls_core\n'
        'for item in pkgutil.walk_packages(vls_core.__path__, "vls_core."):\n'
        '    importlib.import_module(item.name)\n'
    )
    result = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_the_process_runner_needs_no_ros():
    """`vls down` has to work whatever is broken about ROS."""
    script = (
        'import sys\n'
        'sys.modules["rclpy"] = sys.modules["vls_interfaces"] = None\n'
        'import vls.runner.stack, vls.node_table, vls.parameter_file\n'
    )
    result = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize('package', sorted(OURS))
def test_package_xml_names_the_packages_of_ours_it_imports(package):
    root = ElementTree.parse(SOURCES / package / 'package.xml').getroot()
    assert root.get('format') == '3'
    assert root.find('license').text == 'Apache-2.0'
    named = {
        item.text for tag in ('depend', 'exec_depend') for item in root.findall(tag)
    }
    imported = set().union(*(imports(path) for path in modules(package))) if (
        package != 'vls_interfaces') else set()
    assert (imported & OURS) - {package} <= named


def test_bringup_depends_on_every_package_of_the_node_table():
    root = ElementTree.parse(SOURCES / 'vls' / 'package.xml').getroot()
    named = {item.text for item in root.findall('exec_depend')}
    assert {entry.package for entry in NODE_TABLE} - {'rviz2'} <= named
