"""The simulated robot behind libfranka's network protocol, stepped at 1 kHz against the clock.

A client (franky, libfranka) cannot tell it from a robot, except that nothing ever trips:
franky_sim knows no limits, reflexes or packet loss.
"""

from __future__ import annotations

import os
import select
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

import mujoco
import numpy as np
from franky_sim import SimulationServer
from franky_sim.mujoco_simulator import FrankaMujocoRobot, MujocoSimulator

from vls_sim.scene_model import TIMESTEP

DEFAULT_ADDRESS = '127.0.0.1'
ROBOT_PORT, GRIPPER_PORT = 1337, 1338

_RATE_WINDOW = 1000
_LARGEST_BACKLOG = 0.05
_COMMAND_PATIENCE = 0.02
_THREAD_SWITCH_INTERVAL = 0.0005


class AddressInUseError(RuntimeError):
    """The ports of the protocol are taken at this address."""

    def __init__(self, address: str) -> None:
        super().__init__(
            f'cannot listen on {address}, ports {ROBOT_PORT} and {GRIPPER_PORT}: another '
            'simulator is running there, or the address does not belong to this machine; stop '
            'the other one, or choose another address such as 127.0.0.2'
        )


class ProtocolServer:
    """Runs the physics and serves one client; use as a context, and `start` it.

    The physics never waits for readers: `locked` is for microseconds, pictures are rendered from
    `copy_state`.

    Args:
        simulator: not started yet.
        address: to listen on; stay on a loopback address, the protocol has no protection.
        realtime_priority: FIFO priority 1 to 99 of the control loop, which keeps its pace on a
            loaded computer; 0 is ordinary. Where the system refuses it, the loop runs at ordinary
            priority and `realtime` is false.
        clock: seconds, monotonic.

    Raises (on entering):
        AddressInUseError: see there.
    """

    def __init__(
        self,
        simulator: MujocoSimulator,
        address: str = DEFAULT_ADDRESS,
        realtime_priority: int = 0,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._simulator = simulator
        self._address = address
        self._realtime_priority = realtime_priority
        self._clock = clock
        self._realtime = False
        self._lock = threading.Lock()
        self._running = threading.Event()
        self._real_time_factor = 0.0
        self._failure: Exception | None = None

    def __enter__(self) -> ProtocolServer:
        # Threads of this process share one interpreter; with Python's default of 5 ms a thread
        # that publishes pictures would hold up the control loop for several periods.
        sys.setswitchinterval(_THREAD_SWITCH_INTERVAL)
        self._simulator.init()
        self._server = SimulationServer(self._simulator, [self._address])
        try:
            self._server.init()
        except OSError as error:
            self._server.cleanup()
            self._simulator.cleanup()
            raise AddressInUseError(self._address) from error
        self._thread = threading.Thread(target=self._run, name='physics', daemon=True)
        return self

    def start(self) -> None:
        """Answers clients and moves the robot from now on; those who came before have waited.

        Begin once nothing is left to do that holds the interpreter up, such as making a renderer:
        a client takes a robot that is silent for a second for lost.
        """
        self._running.set()
        self._thread.start()
        self._realtime = self._prioritise()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._running.is_set():
            self._running.clear()
            self._thread.join()
        self._server.cleanup()
        self._simulator.cleanup()

    @property
    def model(self) -> mujoco.MjModel:
        """The physics model; constant while the server runs."""
        return self._simulator.model

    @property
    def robot(self) -> FrankaMujocoRobot:
        """The simulated robot."""
        return self._simulator.robots[0]

    @property
    def real_time_factor(self) -> float:
        """Simulated seconds per second over the last simulated second; 0 before that."""
        return self._real_time_factor

    @property
    def realtime(self) -> bool:
        """Whether the control loop has the real-time priority that was asked for."""
        return self._realtime

    @property
    def client_connected(self) -> bool:
        """Whether a client talks to the robot."""
        return any(server.udp_connected for server in self._server.robot_servers)

    @property
    def failure(self) -> Exception | None:
        """What ended the control loop, if anything did."""
        return self._failure

    @contextmanager
    def locked(self) -> Iterator[mujoco.MjData]:
        """The physics state while the physics stands still; be quick."""
        with self._lock:
            yield self._simulator.data

    def copy_state(self, into: mujoco.MjData) -> float:
        """Copies positions into another state and returns the simulated time [s].

        The copy has no derived values: call mj_kinematics or mj_forward on it.
        """
        with self._lock:
            data = self._simulator.data
            np.copyto(into.qpos, data.qpos)
            np.copyto(into.mocap_pos, data.mocap_pos)
            np.copyto(into.mocap_quat, data.mocap_quat)
            into.time = data.time
        return into.time

    def _prioritise(self) -> bool:
        if self._realtime_priority == 0:
            return False
        try:
            os.sched_setscheduler(
                self._thread.native_id, os.SCHED_FIFO, os.sched_param(self._realtime_priority)
            )
        except PermissionError:
            return False
        return True

    def _run(self) -> None:
        deadline = window_start = self._clock()
        steps = 0
        try:
            while self._running.is_set():
                with self._lock:
                    self._step()
                self._await_command()
                steps += 1
                if steps == _RATE_WINDOW:
                    now = self._clock()
                    self._real_time_factor = steps * TIMESTEP / (now - window_start)
                    window_start, steps = now, 0
                deadline = self._wait(deadline + TIMESTEP)
        except Exception as error:  # the thread's owner asks for it through `failure`
            self._failure = error

    def _step(self) -> None:
        # SimulationServer.run_once without its sleep: one of 0 s takes a tenth of a period.
        for robot in self._server.robot_servers:
            robot.process_commands()
        self._simulator.step()
        for robot in self._server.robot_servers:
            robot.send_state()

    def _await_command(self) -> None:
        """Waits, at most _COMMAND_PATIENCE, for the answer of a client that controls a motion.

        On a loaded computer the client may not get its turn within the millisecond. A server that
        went on with the last torque would then shake the arm; this one runs slower than real time.
        """
        robot = self._server.robot_servers[0]
        connection = robot._FrankaServer__udp_socket  # noqa: SLF001 (franky_sim keeps it private)
        if robot.current_motion_id and connection is not None:
            select.select([connection], [], [], _COMMAND_PATIENCE)

    def _wait(self, deadline: float) -> float:
        """Waits for an absolute deadline; gives up catching up when far behind."""
        remaining = deadline - self._clock()
        if remaining > 0:
            time.sleep(remaining)
        elif remaining < -_LARGEST_BACKLOG:
            return deadline - remaining
        return deadline
