"""The node that serves a frozen policy, steered by reward programs."""
