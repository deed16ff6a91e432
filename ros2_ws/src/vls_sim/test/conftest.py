import pytest

from vls_sim.rig import Rig


@pytest.fixture(scope='session')
def rig():
    """One rig for all tests; `reset` brings it back to a known state."""
    return Rig()
