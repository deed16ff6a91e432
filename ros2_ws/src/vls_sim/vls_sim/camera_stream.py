"""Draws the cameras at their rates in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import mujoco

from vls_core.grounding.camera import CameraModel
from vls_ros.courtesy import let_others_go_first
from vls_sim.camera_renderer import CameraRenderer, RgbdImage
from vls_sim.protocol_server import ProtocolServer

Sink = Callable[[CameraModel, RgbdImage, float], None]
"""Called with every picture and how long ago its state was, [s]; from the drawing thread."""


@dataclass
class _Schedule:
    camera: CameraModel
    period: float
    due: float


class CameraStream:
    """Pictures of a running server.

    Args:
        rates: pictures per second for each camera [Hz].
        depth_noise: see CameraRenderer.
        wanted: whether anybody looks through a camera; of others no picture is drawn.

    Raises:
        RendererUnavailableError: this machine cannot draw.
    """

    def __init__(
        self,
        server: ProtocolServer,
        rates: dict[CameraModel, float],
        sink: Sink,
        depth_noise: float = 0.0,
        clock: Callable[[], float] = time.perf_counter,
        wanted: Callable[[CameraModel], bool] = lambda _: True,
    ) -> None:
        self._server, self._sink, self._clock = server, sink, clock
        self._depth_noise, self._wanted = depth_noise, wanted
        self._schedules = [_Schedule(camera, 1.0 / rate, 0.0) for camera, rate in rates.items()]
        self._stopping = threading.Event()
        self._ready = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name='cameras', daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure

    @property
    def failure(self) -> Exception | None:
        """What ended the stream, if anything did."""
        return self._failure

    def stop(self) -> None:
        """Ends the thread."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        let_others_go_first(10)
        try:
            renderer = CameraRenderer(self._server.model, self._depth_noise)
        except Exception as error:  # raised again by the constructor
            self._failure = error
            return
        finally:
            self._ready.set()
        try:
            self._draw_until_stopped(renderer)
        except Exception as error:  # the thread's owner asks for it through `failure`
            self._failure = error
        finally:
            renderer.close()

    def _draw_until_stopped(self, renderer: CameraRenderer) -> None:
        model = self._server.model
        state = mujoco.MjData(model)
        start = self._clock()
        for schedule in self._schedules:
            schedule.due = start
        while True:
            schedule = min(self._schedules, key=lambda item: item.due)
            if self._stopping.wait(max(0.0, schedule.due - self._clock())):
                return
            taken = self._clock()
            if self._wanted(schedule.camera):
                self._server.copy_state(state)
                mujoco.mj_kinematics(model, state)
                mujoco.mj_camlight(model, state)
                image = renderer.render(state, schedule.camera)
                self._sink(schedule.camera, image, self._clock() - taken)
            # A late picture delays the next: the physics needs the processor more.
            schedule.due = max(schedule.due + schedule.period, self._clock())
