#!/bin/bash
# Runs a command in the built workspace. exec, so that signals reach the nodes.
set -e
. /opt/ros/jazzy/setup.bash
. /vls/ros2_ws/install/setup.bash
exec "$@"
