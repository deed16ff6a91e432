"""A client that holds the arm where it is, until it is ended: python holding_client.py ADDRESS."""

import sys
import time

import franky

robot = franky.Robot(sys.argv[1], realtime_config=franky.RealtimeConfig.Ignore)
with franky.JointImpedanceTracker(robot) as tracker:
    while robot.state.control_command_success_rate < 0.9:  # commands are not yet on their way
        time.sleep(0.01)
    print('holding', flush=True)
    while tracker.is_running:
        time.sleep(0.01)
