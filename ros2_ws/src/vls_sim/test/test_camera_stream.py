"""Cameras are drawn for those who look."""

import threading

from vls_core.grounding.camera import DEMO_FRONT_CAMERA, DEMO_WRIST_CAMERA
from vls_sim.camera_stream import CameraStream
from vls_sim.protocol_server import ProtocolServer
from vls_sim.scene_model import build_simulator

RATES = {DEMO_FRONT_CAMERA: 50.0, DEMO_WRIST_CAMERA: 50.0}
PATIENCE = 60.0


def test_a_camera_nobody_looks_through_is_not_drawn():
    drawn, enough, looked_through = [], threading.Event(), {DEMO_FRONT_CAMERA}

    def keep(camera, image, age):
        drawn.append((camera, image.colour.shape, age))
        if len(drawn) == 3:
            looked_through.add(DEMO_WRIST_CAMERA)
        if len({name for name, _, _ in drawn}) == 2:
            enough.set()

    with ProtocolServer(build_simulator()[0], '127.0.77.200') as server:
        stream = CameraStream(server, RATES, keep, wanted=looked_through.__contains__)
        assert enough.wait(PATIENCE), 'the wrist camera was never drawn'
        stream.stop()
        assert stream.failure is None
    assert {camera for camera, _, _ in drawn[:3]} == {DEMO_FRONT_CAMERA}
    assert drawn[0][1] == (DEMO_FRONT_CAMERA.height, DEMO_FRONT_CAMERA.width, 3)
    assert all(age >= 0.0 for _, _, age in drawn)
