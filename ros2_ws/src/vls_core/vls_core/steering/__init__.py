"""Steering a frozen policy while it samples."""
