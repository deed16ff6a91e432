"""A reset moves the objects and only them, and never puts one where the arm is."""

from contextlib import contextmanager

import mujoco
import numpy as np
import pytest

from vls_core.control import fr3
from vls_core.control.kinematics import Fr3Kinematics
from vls_sim.episode import ArmInTheWayError, Episode
from vls_sim.scene_layout import UnknownShiftError
from vls_sim.scene_model import object_pose


class StandingStill:
    """What an episode needs of a server, without a clock: the state of a rig."""

    def __init__(self, rig):
        self.model, self.data = rig.model, rig.data

    @contextmanager
    def locked(self):
        yield self.data

    def copy_state(self, into):
        into.qpos[:] = self.data.qpos
        into.mocap_pos[:] = self.data.mocap_pos


@pytest.fixture
def server(rig):
    rig.reset(0, 'none')
    return StandingStill(rig)


def hand_to(server, position):
    server.data.qpos[:7] = Fr3Kinematics().solve(
        np.array(position), fr3.DOWNWARD_QUATERNION, fr3.HOME_JOINT_POSITIONS
    )
    mujoco.mj_forward(server.model, server.data)


def test_a_reset_puts_everything_where_the_layout_says_and_leaves_the_arm(server):
    episode = Episode(server, 0, 'none')
    hand_to(server, [0.45, 0.05, 0.35])
    arm = server.data.qpos[:9].copy()
    layout = episode.reset(5, 'moved_target')
    for name, position in layout.positions.items():
        np.testing.assert_allclose(
            object_pose(server.model, server.data, name)[0], position, atol=1e-6
        )
    np.testing.assert_array_equal(server.data.qpos[:9], arm)
    assert episode.layout is layout and not episode.score().success


@pytest.mark.parametrize('name', ['red cube', 'plate', 'bottle'])
def test_a_reset_into_the_hand_is_refused_and_moves_nothing(server, name):
    episode = Episode(server, 0, 'none')
    before = episode.layout
    hand_to(server, before.positions[name] + [0.0, 0.0, 0.01])
    state = server.data.qpos.copy()
    with pytest.raises(ArmInTheWayError, match=f'{name}.*home'):
        episode.reset(0, 'none')
    np.testing.assert_array_equal(server.data.qpos, state)
    assert episode.layout is before


def test_an_unknown_shift_is_refused_and_moves_nothing(server):
    episode = Episode(server, 0, 'none')
    state = server.data.qpos.copy()
    with pytest.raises(UnknownShiftError):
        episode.reset(1, 'moved_plate')
    np.testing.assert_array_equal(server.data.qpos, state)
