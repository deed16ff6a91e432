"""Frozen policies and the protocol they share."""
