"""The perception node, and a camera node for a RealSense."""
