"""The bridge between action chunks and a Franka FR3."""
