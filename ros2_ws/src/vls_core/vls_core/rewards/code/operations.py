"""The table of everything a reward may call; nothing else of torch can be reached.

An operation is listed with all its spellings and parameters. A keyword that is not in the list
(out, requires_grad, ...) is refused when a reward is compiled.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch.nn import functional

from vls_core.rewards.code import creation, functions, python_numbers, sizes
from vls_core.rewards.code.frame import Value
from vls_core.rewards.code.parameters import Kind, Operation, Parameter

CONSTANTS = {'torch.pi': math.pi}
"""Attributes of torch that are numbers."""

_INPUT = Parameter('input', Kind.TENSOR)
_OTHER = Parameter('other', Kind.OPERAND)
_DIM = Parameter('dim', Kind.INTEGER, alias='axis')
_LAST_DIM = Parameter('dim', Kind.INTEGER, -1, alias='axis')
_DIMS = Parameter('dim', Kind.DIMENSIONS, alias='axis')
_ANY_DIMS = Parameter('dim', Kind.DIMENSIONS, None, alias='axis')
_KEEP = Parameter('keepdim', Kind.FLAG, False, alias='keepdims')
_SIZES = Parameter('size', Kind.SIZES)
_LOW = Parameter('min', Kind.OPERAND, None)
_HIGH = Parameter('max', Kind.OPERAND, None)
_NUMBER = Parameter('x', Kind.NUMBER)


def _both(name: str) -> tuple[str, ...]:
    """The spellings of a function that is a method, too."""
    return (f'torch.{name}', f'.{name}')


def _unary(run: Callable[..., Value], *names: str) -> Operation:
    """Element by element, of one tensor."""
    spellings = tuple(
        spelling for name in names
        for spelling in ((name,) if '.' in name else _both(name))
    )
    return Operation(spellings, (_INPUT,), run, sizes.first)


def _pair(run: Callable[..., Value], *names: str) -> Operation:
    """Element by element, of two."""
    spellings = tuple(spelling for name in names for spelling in _both(name))
    return Operation(spellings, (_INPUT, _OTHER), run, sizes.broadcast)


def _reduction(run: Callable[..., Value], name: str, *parameters: Parameter) -> Operation:
    """Along dimensions; the result is no larger than the argument."""
    return Operation(_both(name), (_INPUT, *parameters), run, sizes.first)


def _norm(name: str, order: str) -> Operation:
    return Operation(
        (name,), (_INPUT, Parameter(order, Kind.NUMBER, None), _ANY_DIMS, _KEEP),
        functions.norm, sizes.first,
    )


_ELEMENTWISE = (
    _unary(torch.abs, 'abs', 'torch.absolute'),
    _unary(torch.neg, 'neg', 'torch.negative'),
    _unary(torch.square, 'square'),
    _unary(functions.square_root, 'sqrt'),
    _unary(torch.exp, 'exp'),
    _unary(torch.expm1, 'expm1'),
    _unary(torch.log, 'log'),
    _unary(torch.log1p, 'log1p'),
    _unary(torch.sin, 'sin'),
    _unary(torch.cos, 'cos'),
    _unary(functions.arc_cosine, 'acos', 'arccos'),
    _unary(functions.arc_sine, 'asin', 'arcsin'),
    _unary(torch.atan, 'atan', 'arctan'),
    _unary(torch.sign, 'sign'),
    _unary(torch.reciprocal, 'reciprocal'),
    _unary(torch.relu, 'relu', 'torch.nn.functional.relu'),
    _unary(torch.sigmoid, 'sigmoid', 'torch.nn.functional.sigmoid', 'torch.special.expit'),
    _unary(torch.tanh, 'tanh', 'torch.nn.functional.tanh'),
    _unary(functional.logsigmoid, 'torch.nn.functional.logsigmoid'),
    _unary(functional.elu, 'torch.nn.functional.elu'),
    _unary(functional.silu, 'torch.nn.functional.silu'),
    _unary(functional.gelu, 'torch.nn.functional.gelu'),
    _unary(functional.leaky_relu, 'torch.nn.functional.leaky_relu'),
    Operation(('torch.nn.functional.softplus',), (
        _INPUT, Parameter('beta', Kind.NUMBER, 1.0), Parameter('threshold', Kind.NUMBER, 20.0),
    ), functional.softplus, sizes.first),
    _pair(torch.add, 'add'),
    _pair(torch.sub, 'sub', 'subtract'),
    _pair(torch.mul, 'mul', 'multiply'),
    _pair(torch.div, 'div', 'divide', 'true_divide'),
    _pair(functions.minimum, 'minimum'),
    _pair(functions.maximum, 'maximum'),
    _pair(torch.lt, 'lt', 'less'),
    _pair(torch.le, 'le', 'less_equal'),
    _pair(torch.gt, 'gt', 'greater'),
    _pair(torch.ge, 'ge', 'greater_equal'),
    _pair(functions.logical_and, 'logical_and'),
    _pair(functions.logical_or, 'logical_or'),
    _unary(functions.logical_not, 'logical_not'),
    Operation(_both('pow'), (_INPUT, Parameter('exponent', Kind.OPERAND)),
              functions.power, sizes.broadcast),
    Operation((*_both('atan2'), 'torch.arctan2'),
              (_INPUT, Parameter('other', Kind.TENSOR)), functions.angle, sizes.broadcast),
    Operation(_both('hypot'), (_INPUT, Parameter('other', Kind.TENSOR)),
              functions.hypotenuse, sizes.broadcast),
    Operation(('torch.logaddexp',), (_INPUT, Parameter('other', Kind.TENSOR)),
              torch.logaddexp, sizes.broadcast),
    Operation((*_both('clamp'), *_both('clip')), (_INPUT, _LOW, _HIGH),
              functions.clamp, sizes.broadcast),
    Operation(_both('clamp_min'), (_INPUT, Parameter('min', Kind.OPERAND)),
              functions.maximum, sizes.broadcast),
    Operation(_both('clamp_max'), (_INPUT, Parameter('max', Kind.OPERAND)),
              functions.minimum, sizes.broadcast),
    Operation(_both('lerp'), (
        _INPUT, Parameter('end', Kind.TENSOR), Parameter('weight', Kind.OPERAND),
    ), torch.lerp, sizes.broadcast),
    Operation(('torch.where',), (
        Parameter('condition', Kind.TENSOR), Parameter('input', Kind.OPERAND), _OTHER,
    ), functions.where, sizes.broadcast),
)

_REDUCTIONS = (
    _reduction(torch.sum, 'sum', _ANY_DIMS, _KEEP),
    _reduction(torch.mean, 'mean', _ANY_DIMS, _KEEP),
    _reduction(functions.variance, 'var', _ANY_DIMS, _KEEP),
    _reduction(functions.standard_deviation, 'std', _ANY_DIMS, _KEEP),
    _reduction(torch.prod, 'prod', _DIM, _KEEP),
    _reduction(functions.smallest_along, 'amin', _ANY_DIMS, _KEEP),
    _reduction(functions.largest_along, 'amax', _ANY_DIMS, _KEEP),
    _reduction(torch.logsumexp, 'logsumexp', _DIMS, _KEEP),
    Operation(_both('min'), (
        _INPUT, Parameter('dim', Kind.DIMENSION_OR_TENSOR, None, alias='other'), _KEEP,
    ), functions.smallest, sizes.broadcast),
    Operation(_both('max'), (
        _INPUT, Parameter('dim', Kind.DIMENSION_OR_TENSOR, None, alias='other'), _KEEP,
    ), functions.largest, sizes.broadcast),
    _norm('torch.norm', 'p'),
    _norm('.norm', 'p'),
    _norm('torch.linalg.norm', 'ord'),
    _norm('torch.linalg.vector_norm', 'ord'),
    Operation(('torch.nn.functional.normalize',), (
        _INPUT, Parameter('p', Kind.NUMBER, None), Parameter('dim', Kind.INTEGER, 1),
    ), functions.normalize, sizes.first),
    Operation(('torch.cosine_similarity', 'torch.nn.functional.cosine_similarity'), (
        Parameter('x1', Kind.TENSOR), Parameter('x2', Kind.TENSOR),
        Parameter('dim', Kind.INTEGER, 1),
    ), functions.cosine_similarity, sizes.broadcast),
    Operation(_both('dot'), (_INPUT, Parameter('other', Kind.TENSOR, alias='tensor')),
              torch.dot, sizes.broadcast),
    Operation(('torch.linalg.vecdot',), (
        Parameter('x', Kind.TENSOR), Parameter('y', Kind.TENSOR), _LAST_DIM,
    ), functions.dot_along, sizes.broadcast),
    Operation(_both('matmul'), (_INPUT, Parameter('other', Kind.TENSOR)),
              functions.matmul, sizes.product),
    Operation(('torch.cross', 'torch.linalg.cross', '.cross'), (
        _INPUT, Parameter('other', Kind.TENSOR), _LAST_DIM,
    ), functions.cross, sizes.broadcast),
)

_ALONG_A_DIMENSION = (
    Operation((*_both('softmax'), 'torch.nn.functional.softmax'), (_INPUT, _DIM),
              torch.softmax, sizes.first),
    Operation(('torch.nn.functional.softmin',), (_INPUT, _DIM), functional.softmin, sizes.first),
    Operation((*_both('log_softmax'), 'torch.nn.functional.log_softmax'), (_INPUT, _DIM),
              torch.log_softmax, sizes.first),
    _reduction(torch.cumsum, 'cumsum', _DIM),
    _reduction(functions.cumulative_largest, 'cummax', _DIM),
    _reduction(functions.cumulative_smallest, 'cummin', _DIM),
    Operation(_both('diff'), (_INPUT, Parameter('n', Kind.INTEGER, 1), _LAST_DIM),
              functions.difference, sizes.first),
    Operation(_both('flip'), (_INPUT, Parameter('dims', Kind.SIZES)), torch.flip, sizes.first),
)

_SHAPES = (
    _reduction(torch.squeeze, 'squeeze', _DIM),
    _reduction(torch.unsqueeze, 'unsqueeze', _DIM),
    Operation(_both('transpose'), (
        _INPUT, Parameter('dim0', Kind.INTEGER), Parameter('dim1', Kind.INTEGER),
    ), torch.transpose, sizes.first),
    Operation(_both('permute'), (_INPUT, Parameter('dims', Kind.SIZES)),
              torch.permute, sizes.first),
    Operation(_both('flatten'), (
        _INPUT, Parameter('start_dim', Kind.INTEGER, 0), Parameter('end_dim', Kind.INTEGER, -1),
    ), torch.flatten, sizes.first),
    Operation((*_both('reshape'), '.view'), (_INPUT, Parameter('shape', Kind.SIZES)),
              torch.reshape, sizes.first),
    Operation(('.expand', 'torch.broadcast_to'), (_INPUT, _SIZES),
              creation.expand, sizes.expanded),
    Operation(('.expand_as',), (_INPUT, Parameter('other', Kind.TENSOR)),
              creation.expand_as, sizes.broadcast),
    Operation(('.repeat',), (_INPUT, Parameter('repeats', Kind.SIZES)),
              creation.repeat, sizes.repeated),
    Operation(('torch.stack',), (
        Parameter('tensors', Kind.TENSORS), Parameter('dim', Kind.INTEGER, 0, alias='axis'),
    ), torch.stack, sizes.joined),
    Operation(('torch.cat', 'torch.concat', 'torch.concatenate'), (
        Parameter('tensors', Kind.TENSORS), Parameter('dim', Kind.INTEGER, 0, alias='axis'),
    ), torch.cat, sizes.joined),
    Operation(('.clone',), (_INPUT,), torch.clone, sizes.first),
    Operation(('.float',), (_INPUT,), creation.as_number, sizes.first, creates=True),
    Operation(('.size',), (_INPUT, Parameter('dim', Kind.INTEGER)), creation.size, sizes.nothing),
)

_CREATION = (
    Operation(('torch.tensor', 'torch.as_tensor'), (Parameter('data', Kind.NUMBERS),),
              creation.tensor, sizes.numbers, creates=True, typed=True),
    Operation(('.new_tensor',), (_INPUT, Parameter('data', Kind.NUMBERS)),
              creation.new_tensor, sizes.numbers_after, creates=True, typed=True),
    Operation(('torch.zeros',), (_SIZES,), creation.zeros, sizes.filled,
              creates=True, typed=True),
    Operation(('torch.ones',), (_SIZES,), creation.ones, sizes.filled, creates=True, typed=True),
    Operation(('torch.full',), (_SIZES, Parameter('fill_value', Kind.NUMBER)),
              creation.full, sizes.filled, creates=True, typed=True),
    Operation(('torch.linspace',), (
        Parameter('start', Kind.NUMBER), Parameter('end', Kind.NUMBER),
        Parameter('steps', Kind.INTEGER),
    ), creation.linspace, sizes.steps, creates=True, typed=True),
    Operation(('torch.arange',), (
        Parameter('start', Kind.NUMBER), Parameter('end', Kind.NUMBER, None),
        Parameter('step', Kind.NUMBER, 1),
    ), creation.arange, sizes.counted, creates=True, typed=True),
    Operation(('torch.zeros_like',), (_INPUT,), torch.zeros_like, sizes.first, typed=True),
    Operation(('torch.ones_like',), (_INPUT,), torch.ones_like, sizes.first, typed=True),
    Operation(('torch.full_like',), (_INPUT, Parameter('fill_value', Kind.NUMBER)),
              torch.full_like, sizes.first, typed=True),
)

_PYTHON = (
    Operation(('abs',), (Parameter('x', Kind.OPERAND),), python_numbers.absolute, sizes.broadcast),
    Operation(('float',), (_NUMBER,), float, sizes.nothing),
    Operation(('int',), (_NUMBER,), int, sizes.nothing),
    Operation(('len',), (_INPUT,), python_numbers.length, sizes.nothing),
    Operation(('min',), (Parameter('a', Kind.NUMBER), Parameter('b', Kind.NUMBER)),
              min, sizes.nothing),
    Operation(('max',), (Parameter('a', Kind.NUMBER), Parameter('b', Kind.NUMBER)),
              max, sizes.nothing),
)

TABLE = (*_ELEMENTWISE, *_REDUCTIONS, *_ALONG_A_DIMENSION, *_SHAPES, *_CREATION, *_PYTHON)
"""Every operation once."""
OPERATIONS: dict[str, Operation] = {
    spelling: operation for operation in TABLE for spelling in operation.spellings
}
"""The operation behind every spelling."""
METHODS = frozenset(spelling[1:] for spelling in OPERATIONS if spelling.startswith('.'))
"""Names of allowed methods of tensors."""
