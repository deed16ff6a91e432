"""Runs the node table as processes, where there is no `ros2 launch`; supervisord does the work."""
