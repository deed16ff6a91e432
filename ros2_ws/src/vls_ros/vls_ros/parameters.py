"""Node parameters from a frozen dataclass: typed, described, ranged, and no unknown names.

A node writes its parameters once, as a dataclass beside it:

    @dataclass(frozen=True)
    class Parameters:
        rate: float = parameter(5.0, 'pictures per second [Hz]', 0.1, 60.0)

and calls `declare(node, Parameters)`.
"""

from __future__ import annotations

from dataclasses import field, fields
from typing import Any, TypeVar

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.node import Node

Config = TypeVar('Config')


class UnknownParameterError(ValueError):
    """A parameter file or command line sets a parameter that the node does not have."""


def parameter(default: Any, description: str, low: float | None = None,
              high: float | None = None) -> Any:
    """A dataclass field that becomes a read-only ROS parameter; low and high are inclusive.

    Lists are given as tuples and come back as tuples.
    """
    return field(
        default=default, metadata={'description': description, 'low': low, 'high': high}
    )


def declare(node: Node, config_class: type[Config]) -> Config:
    """Declares every field of config_class and returns the values in force.

    Raises:
        UnknownParameterError: the overrides name a parameter that is not declared.
        rclpy.exceptions.InvalidParameterValueException: a value is out of range.
        rclpy.exceptions.InvalidParameterTypeException: a value has the wrong type.
    """
    values = {}
    for item in fields(config_class):
        default = list(item.default) if isinstance(item.default, tuple) else item.default
        value = node.declare_parameter(item.name, default, _descriptor(item)).value
        values[item.name] = tuple(value) if isinstance(item.default, tuple) else value
    _refuse_unknown(node)
    return config_class(**values)


def _descriptor(item: Any) -> ParameterDescriptor:
    descriptor = ParameterDescriptor(description=item.metadata['description'], read_only=True)
    low, high = item.metadata['low'], item.metadata['high']
    if low is not None and high is not None:
        if isinstance(item.default, float):
            descriptor.floating_point_range = [
                FloatingPointRange(from_value=float(low), to_value=float(high), step=0.0)
            ]
        elif isinstance(item.default, int):
            descriptor.integer_range = [
                IntegerRange(from_value=int(low), to_value=int(high), step=1)
            ]
    return descriptor


def _refuse_unknown(node: Node) -> None:
    # rclpy keeps overrides it has no declaration for without a word; a typo must not pass.
    known = {name for name in node._parameters}  # noqa: SLF001 (no public listing of overrides)
    unknown = sorted(
        name for name in node._parameter_overrides  # noqa: SLF001
        if name not in known and not name.startswith('qos_overrides.')
    )
    if unknown:
        raise UnknownParameterError(
            f'{node.get_name()} has no parameter {", ".join(unknown)}; it has: '
            + ', '.join(sorted(known - {'use_sim_time', 'start_type_description_service'}))
        )
