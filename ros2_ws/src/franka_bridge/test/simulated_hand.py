"""A hand around a 4 cm post in franky's simulator, as a process: python simulated_hand.py ADDRESS.

Signal USR1 takes the post away.
"""

import signal
import sys
import time
import xml.etree.ElementTree as ElementTree

import mujoco
from franky_sim import SimulationServer
from franky_sim.mujoco_simulator import MujocoSimulator

from vls_core.control.fr3 import HOME_JOINT_POSITIONS

POST = {'type': 'box', 'name': 'post', 'pos': '0.40 0 0.30', 'size': '0.01 0.02 0.01'}


def main(address):
    simulator = MujocoSimulator()
    simulator.init()
    ElementTree.SubElement(simulator.worldbody, 'geom', POST)
    simulator.add_robot(initial_q=tuple(HOME_JOINT_POSITIONS), initial_hand_width=0.078)
    server = SimulationServer(simulator, [address])
    server.init()
    running = True

    def stop(number, frame):
        nonlocal running
        running = False

    def take_the_post_away(number, frame):
        post = mujoco.mj_name2id(simulator.model, mujoco.mjtObj.mjOBJ_GEOM, 'post')
        simulator.model.geom_contype[post] = simulator.model.geom_conaffinity[post] = 0

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGUSR1, take_the_post_away)
    print('ready', flush=True)
    due = time.perf_counter()
    while running:
        server.run_once(realtime=False)
        due = max(due + 0.001, time.perf_counter() - 0.02)
        time.sleep(max(0.0, due - time.perf_counter()))
    server.cleanup()


if __name__ == '__main__':
    main(sys.argv[1])
