"""From the source of a reward to closures that evaluate it: no exec, no eval, no code objects.

A reward has no conditions, and its loops have constant bounds: every evaluation does the same
operations, whatever the numbers are. One dry run (`dry_run.py`) therefore goes through all of it.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch

from vls_core.rewards.code import limits
from vls_core.rewards.code.arithmetic import binary
from vls_core.rewards.code.errors import BudgetExceededError, RewardCodeError
from vls_core.rewards.code.expressions import ExpressionCompiler
from vls_core.rewards.code.frame import Budget, Execute, Frame, Value
from vls_core.rewards.code.sharing import Sharing
from vls_core.rewards.code.signature import RESERVED, Signature, signature_of
from vls_core.rewards.code.syntax import NOBODY, parse


@dataclass(frozen=True)
class CompiledReward:
    """A reward that is allowed. Calling it never has an effect but its result.

    Attributes:
        docstring: as written, not interpreted.
        keypoints: every name it looks up, in order of appearance.
        uses_gripper: whether the function asks for the gripper at all.
        operations: bound on the operations of one evaluation.
        source_hash: SHA-256 of the source.
    """

    docstring: str
    keypoints: tuple[str, ...]
    uses_gripper: bool
    operations: int
    source_hash: str
    _signature: Signature
    _statements: tuple[Execute, ...]

    def __call__(
        self,
        keypoints: Mapping[str, torch.Tensor],
        trajectory: torch.Tensor,
        gripper: torch.Tensor,
    ) -> torch.Tensor:
        """What the function returns, which is meant to be (B,) but can have any shape.

        Args:
            keypoints: (3,) by name [m].
            trajectory: (B, T + 1, 3) end effector [m].
            gripper: (B, T + 1) opening, 0 closed to 1 open.

        Raises:
            RewardCodeError: whatever goes wrong while it is evaluated.
        """
        budget = Budget(trajectory.numel())
        return self.evaluate(keypoints, trajectory, gripper, budget)

    def evaluate(
        self,
        keypoints: Mapping[str, torch.Tensor],
        trajectory: torch.Tensor,
        gripper: torch.Tensor,
        budget: Budget,
    ) -> torch.Tensor:
        """The same, booked to a budget that the caller can read afterwards."""
        points = {name: self._keypoint(name, keypoints).to(trajectory) for name in self.keypoints}
        variables = {self._signature.trajectory: trajectory}
        if self._signature.gripper is not None:
            variables[self._signature.gripper] = gripper.to(trajectory)
        frame = Frame(points, trajectory, variables, budget)
        try:
            for statement in self._statements:
                statement(frame)
        except RewardCodeError as error:
            raise type(error)(error.reason, error.line or frame.line) from error
        except Exception as error:
            first = (str(error).splitlines() or [''])[0][:200]
            raise RewardCodeError(f'{type(error).__name__}: {first}', frame.line) from error
        return frame.result

    @staticmethod
    def _keypoint(name: str, keypoints: Mapping[str, torch.Tensor]) -> torch.Tensor:
        if name not in keypoints:
            known = ', '.join(sorted(keypoints))
            raise RewardCodeError(f'there is no keypoint "{name}"; known: {known}')
        return keypoints[name]


def compile_reward(source: str) -> CompiledReward:
    """A function as text, checked and made callable; nothing of it is run.

    Raises:
        RewardCodeError: it is not within the allowed subset of Python; the only thing raised.
    """
    signature = signature_of(parse(source))
    compiler = _Compiler(signature)
    statements = tuple(compiler.statement(node) for node in signature.body)
    return CompiledReward(
        signature.docstring, tuple(compiler.expressions.used_keypoints),
        signature.gripper is not None, compiler.expressions.operations,
        hashlib.sha256(source.encode()).hexdigest(), signature, statements,
    )


class _Compiler:
    """Compiles statements one after the other, so that it knows which names have values."""

    def __init__(self, signature: Signature) -> None:
        self._signature = signature
        known = signature.parameters - {signature.keypoints}
        self.expressions = ExpressionCompiler(signature, set(known))
        self._sharing = Sharing(known)

    def statement(self, node: ast.stmt) -> Execute:
        """A closure for a statement. Raises RewardCodeError for one that is not allowed."""
        match node:
            case ast.Assign():
                return self._assign(node)
            case ast.AugAssign():
                return self._augmented(node)
            case ast.For():
                return self._loop(node)
            case ast.Return():
                return self._return(node)
        raise RewardCodeError('this statement has no effect and is not allowed', node.lineno)

    def _target(self, node: ast.expr, *, unused: bool = False) -> str:
        """The name that gets a value; `unused`: it may be the one that can never be read."""
        if not isinstance(node, ast.Name):
            raise RewardCodeError('only a plain name can be assigned to', node.lineno)
        if node.id in RESERVED or node.id in self._signature.parameters:
            raise RewardCodeError(f'{node.id} cannot be given another value', node.lineno)
        if node.id == NOBODY and not unused:
            raise RewardCodeError(f'the name {NOBODY!r} is not allowed here', node.lineno)
        return node.id

    def _assign(self, node: ast.Assign) -> Execute:
        if len(node.targets) != 1:
            raise RewardCodeError('only one name can be assigned to at a time', node.lineno)
        if isinstance(node.targets[0], ast.Tuple):
            return self._unpacking(node, node.targets[0])
        name, line = self._target(node.targets[0]), node.lineno
        value = self.expressions.compile(node.value)
        self._sharing.assign(node)
        self.expressions.known.add(name)

        def execute(frame: Frame) -> None:
            frame.line = line
            frame.variables[name] = value(frame)

        return execute

    def _unpacking(self, node: ast.Assign, target: ast.Tuple) -> Execute:
        """a, b = x, y and B, T, D = x.shape: all values are known before any name gets one."""
        names, line = [self._target(item, unused=True) for item in target.elts], node.lineno
        kept = [name for name in names if name != NOBODY]
        if len(set(kept)) != len(kept):
            raise RewardCodeError('a name is assigned to twice at a time', line)
        values = self._unpacked(node.value, len(names))
        self._sharing.assign(node)
        self.expressions.known |= set(kept)

        def execute(frame: Frame) -> None:
            frame.line = line
            frame.variables |= zip(names, values(frame), strict=True)

        return execute

    def _unpacked(self, node: ast.expr, count: int) -> Callable[[Frame], tuple[Value, ...]]:
        """As many values as there are names. Raises RewardCodeError, for a shape on evaluation."""
        if isinstance(node, ast.Tuple) and len(node.elts) == count > 0:
            parts = [self.expressions.compile(item) for item in node.elts]
            return lambda frame: tuple(part(frame) for part in parts)
        if not isinstance(node, ast.Attribute) or node.attr != 'shape':
            raise RewardCodeError(
                'several names get their values from as many expressions, a, b = x, y, or from '
                'the shape of a tensor', node.lineno
            )
        shape = self.expressions.compile(node)

        def evaluate(frame: Frame) -> tuple[Value, ...]:
            lengths = shape(frame)
            assert isinstance(lengths, tuple)
            if len(lengths) != count:
                raise RewardCodeError(
                    f'a shape of {len(lengths)} lengths is given to {count} names'
                )
            return lengths

        return evaluate

    def _augmented(self, node: ast.AugAssign) -> Execute:
        """a += b as a = a + b, refused where torch would write into another variable, too."""
        name, line = self._target(node.target), node.lineno
        if name not in self.expressions.known:
            raise RewardCodeError(f'{name} is not known here', line)
        if name in self._sharing:
            raise RewardCodeError(
                f'{name} shares its memory with another tensor; write {name} = {name} ...', line
            )
        self.expressions.count(node)
        value = binary(
            type(node.op), lambda frame: frame.variables[name],
            self.expressions.compile(node.value),
        )

        def execute(frame: Frame) -> None:
            frame.line = line
            frame.variables[name] = value(frame)

        return execute

    def _loop(self, node: ast.For) -> Execute:
        name, line = self._target(node.target, unused=True), node.lineno
        if node.orelse:
            raise RewardCodeError('else of a loop is not allowed', line)
        values = _constant_range(node.iter, line)
        outer = self.expressions.repetitions
        self.expressions.repetitions = outer * len(values)
        if self.expressions.repetitions > limits.MAXIMUM_NESTED_ITERATIONS:
            raise BudgetExceededError(
                f'more than {limits.MAXIMUM_NESTED_ITERATIONS} iterations in nested loops', line
            )
        self.expressions.known |= {name} - {NOBODY}
        self._sharing.loop(name, node)
        body = tuple(self.statement(item) for item in node.body)
        self.expressions.repetitions = outer

        def execute(frame: Frame) -> None:
            for value in values:
                frame.variables[name] = value
                for statement in body:
                    statement(frame)

        return execute

    def _return(self, node: ast.Return) -> Execute:
        value, line = self.expressions.compile(node.value), node.lineno

        def execute(frame: Frame) -> None:
            frame.line = line
            result = value(frame)
            if not isinstance(result, torch.Tensor):
                raise RewardCodeError('the reward has to be a tensor')
            frame.result = result

        return execute


def _constant_range(node: ast.expr, line: int) -> range:
    """The range of a loop. Raises RewardCodeError unless it is constant, short and not empty."""
    allowed = (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == 'range'
        and not node.keywords and 1 <= len(node.args) <= 3
    )
    bounds = [_constant_integer(argument) for argument in node.args] if allowed else [None]
    if None in bounds or (len(bounds) == 3 and bounds[2] == 0):
        raise RewardCodeError('a loop has to be over range(constant integers)', line)
    values = range(*bounds)
    if not 0 < len(values) <= limits.MAXIMUM_ITERATIONS:
        raise RewardCodeError(
            f'a loop has 1 to {limits.MAXIMUM_ITERATIONS} iterations, not {len(values)}', line
        )
    return values


def _constant_integer(node: ast.expr) -> int | None:
    negative = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
    if negative:
        node = node.operand
    if not isinstance(node, ast.Constant) or type(node.value) is not int:
        return None
    return -node.value if negative else node.value
