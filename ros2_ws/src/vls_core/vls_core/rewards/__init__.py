"""Reward programs: staged, weighted, differentiable terms over named objects."""
