"""Every bound on rewards written as code, in one place."""

from __future__ import annotations

MAXIMUM_CHARACTERS = 6000
MAXIMUM_BRACKETS = 20
"""How deep brackets may be nested; checked before the source is parsed."""
MAXIMUM_PREFIXES = 6
"""Signs in a row; checked before the source is parsed."""
MAXIMUM_DEPTH = 64
"""Of the syntax tree; a sum of n terms is n deep."""
MAXIMUM_NODES = 2000
MAXIMUM_NAME = 60
"""Characters of a name; of a keypoint twice as many."""
MAXIMUM_NUMBER = 1e9
"""Magnitude of any Python number, written or computed."""
MAXIMUM_EXPONENT = 16.0
MAXIMUM_ITERATIONS = 64
"""Of one loop."""
MAXIMUM_NESTED_ITERATIONS = 256
"""Of the innermost statement of nested loops."""
MAXIMUM_OPERATIONS = 2000
"""In one evaluation, loops unrolled."""
MAXIMUM_SEQUENCE = 64
"""Items of a literal list or tuple."""
MAXIMUM_CREATED = 1024
"""Elements of a tensor made from numbers alone."""
MAXIMUM_DIMENSIONS = 6
MAXIMUM_ELEMENTS = 2**18
"""Of one tensor; of a matrix product, its multiplications."""
FREE_ELEMENTS = 2**18
"""Read and written by all operations of one evaluation, however short the trajectory is ..."""
ELEMENTS_PER_NUMBER = 2**10
"""... and beyond that for each number of the trajectory."""
MAXIMUM_DIGITS = 20
"""Of a number in a row; a float has 17."""
MAXIMUM_PARTICLES = 128
"""In one evaluation; more are evaluated in pieces, so that no reward meets a number of them that
verification could not try."""
