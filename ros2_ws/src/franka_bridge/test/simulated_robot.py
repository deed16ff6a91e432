"""An FR3 in franky's own simulator, as a process: python simulated_robot.py ADDRESS."""

import select
import signal
import sys
import time

from franky_sim import SimulationServer
from franky_sim.mujoco_simulator import MujocoSimulator

from vls_core.control.fr3 import HOME_JOINT_POSITIONS

DAMPED = (150, 150, 120, 120, 40, 40, 25)
COMMAND_TIMEOUT = 0.02


def wait_for_command(robot):
    """Lets a slow client finish its millisecond, so that no command is ever missed."""
    channel = robot._FrankaServer__udp_socket
    if robot.current_motion_id and channel is not None:
        select.select([channel], [], [], COMMAND_TIMEOUT)


def main(address):
    simulator = MujocoSimulator()
    simulator.init()
    simulator.add_robot(kv=DAMPED, initial_q=tuple(HOME_JOINT_POSITIONS))
    server = SimulationServer(simulator, [address])
    server.init()
    running = True

    def stop(number, frame):
        nonlocal running
        running = False

    signal.signal(signal.SIGTERM, stop)
    print('ready', flush=True)
    due = time.perf_counter()
    while running:
        server.run_once(realtime=False)
        wait_for_command(server.robot_servers[0])
        due = max(due + 0.001, time.perf_counter() - 0.02)
        time.sleep(max(0.0, due - time.perf_counter()))
    server.cleanup()


if __name__ == '__main__':
    main(sys.argv[1])
