"""Runs the simulated FR3 that enforces the robot's limits; inside .venv.judge only.

    .venv.judge/bin/python judge_server.py '{"address": "127.0.0.1", ...}'

Prints `ready` once it serves; everything else goes to stderr.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import json
import logging
import os
import signal
import sys
import threading
import time

import numpy as np
from franka_sim import mujoco_franka_sim
from franka_sim.franka_sim_server import FrankaSimServer

_PARENT_DIED = 1  # prctl's PR_SET_PDEATHSIG
_POLL_PERIOD = 0.02
_PACE_INTERVAL = 1.0  # s between two lines about the real-time factor
_TRACE_PERIOD = 0.002


def die_with(parent: int) -> None:
    """Has the kernel end this process when its parent ends, even a killed one."""
    ctypes.CDLL(None).prctl(_PARENT_DIED, signal.SIGKILL)
    if os.getppid() != parent:  # it went before this took effect
        sys.exit('the parent is gone')


def prefer(priority: int) -> None:
    """Asks for a place before all ordinary processes; 0 or a refusal leaves it an ordinary one."""
    if priority:
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(priority))


def announce(server: FrankaSimServer) -> None:
    """Says so once clients are served: the listener is there long before the physics is."""
    # franka_sim's own health check takes only states sent from the server's address, and they
    # are sent from the loopback network's first one.
    while not server.physics_sim.running:
        time.sleep(_POLL_PERIOD)
    print('ready', flush=True)


def trace(server: FrankaSimServer, path: str) -> None:
    """Writes simulated time, positions and velocities of the joints to a file, for ever."""
    while not server.physics_sim.running:
        time.sleep(_POLL_PERIOD)
    data = server.physics_sim.data
    with open(path, 'wb', buffering=0) as out:
        while True:
            out.write(np.concatenate([[data.time], data.qpos[:7], data.qvel[:7]]).tobytes())
            time.sleep(_TRACE_PERIOD)


def main(
    address: str, port: int, gripper: bool, start: list[float], priority: int, parent: int,
    trace_file: str,
) -> None:
    """Serves until killed."""
    die_with(parent)
    prefer(priority)
    logging.basicConfig(
        level=logging.INFO, format='%(asctime)s %(levelname)s %(name)s: %(message)s'
    )
    mujoco_franka_sim.ARM_INITIAL_Q = np.array(start)
    mujoco_franka_sim.RealtimeFactorMonitor = functools.partial(
        mujoco_franka_sim.RealtimeFactorMonitor,
        warn_interval_s=np.inf, info_interval_s=_PACE_INTERVAL,
    )
    server = FrankaSimServer(
        host=address,
        port=port,
        enable_gripper=gripper,
        enforce_comm_constraints=True,
        enforce_motion_limits=True,
    )
    threading.Thread(target=announce, args=(server,), daemon=True).start()
    threading.Thread(target=trace, args=(server, trace_file), daemon=True).start()
    server.start()


if __name__ == '__main__':
    main(**json.loads(sys.argv[1]))
