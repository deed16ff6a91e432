"""The operations that rewards written in code may use, as the prompt lists them."""

from __future__ import annotations

from vls_core.rewards.code.operations import CONSTANTS, TABLE
from vls_core.rewards.code.parameters import Operation

TORCH = 'torch.'
FUNCTIONAL = 'torch.nn.functional.'


def operations_text() -> str:
    """One line for each way of writing an operation, from the table that decides about them.

    Of several spellings of the same operation the first is named.
    """
    names = sorted(_name(operation) for operation in TABLE)
    functional = [name.removeprefix(FUNCTIONAL) for name in names if name.startswith(FUNCTIONAL)]
    torch = [name.removeprefix(TORCH) for name in names
             if name.startswith(TORCH) and not name.startswith(FUNCTIONAL)]
    methods = [name.removeprefix('.') for name in names if name.startswith('.')]
    python = [name for name in names if '.' not in name]
    return '\n'.join((
        f'- of `torch`: {", ".join(torch)}; most of them are methods of tensors, too',
        f'- of `torch.nn.functional`: {", ".join(functional)}',
        f'- methods of tensors: {", ".join(methods)}',
        f'- of Python: {", ".join(sorted((*python, "range")))}',
        f'- constants: {", ".join(sorted(CONSTANTS))}',
    ))


def _name(operation: Operation) -> str:
    """The first spelling as a function, if there is one."""
    spellings = operation.spellings
    return next((name for name in spellings if not name.startswith('.')), spellings[0])
