import pytest
import rclpy
from scripted_stack import Stack


@pytest.fixture(scope='module', autouse=True)
def ros():
    rclpy.init()
    yield
    rclpy.shutdown()


@pytest.fixture
def make_stack(tmp_path):
    """A function from parameters to a running Stack."""
    stacks = []

    def make(**parameters):
        stacks.append(Stack(tmp_path / 'programs.sqlite3', **parameters))
        return stacks[-1].bring_up()

    yield make
    for stack in stacks:
        stack.close()


@pytest.fixture
def stack(make_stack):
    """With the offline author."""
    return make_stack()
