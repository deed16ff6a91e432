"""A machine without OpenGL is told so once, also when a process of a pool found it out."""

import pickle

import mujoco
import pytest

from benchmarks.libero_pro.camera import NoGraphicsError, SceneCamera


class NoWindow:
    """What a simulation is asked for before anything is rendered."""

    physics = (None, None)


def test_the_sentence_that_helps_is_said_once(monkeypatch):
    def refuse(*_):
        raise RuntimeError('no EGL here')

    monkeypatch.setattr(mujoco, 'GLContext', refuse)
    with pytest.raises(NoGraphicsError) as caught:
        SceneCamera(NoWindow())
    passed_on = str(pickle.loads(pickle.dumps(caught.value)))
    assert passed_on.count('libegl1') == 1
    assert 'no EGL here' in passed_on
