"""A reward program as a tree for people to read."""

from __future__ import annotations

from rich.markup import escape
from rich.syntax import Syntax
from rich.tree import Tree

from vls.consoles import printable, printable_lines
from vls_core.rewards.model import Strict
from vls_core.rewards.program import Code, RewardProgram, Stage


def program_tree(program: RewardProgram) -> Tree:
    """Stages, their terms and what ends them; code in full."""
    target = f' → {_plain(program.target)}' if program.target else ''
    tree = Tree(f'[bold]{_plain(program.subject)}{target}[/bold]')
    for number, stage in enumerate(program.stages, 1):
        _add_stage(tree, number, stage)
    return tree


def _add_stage(tree: Tree, number: int, stage: Stage) -> None:
    branch = tree.add(
        f'[bold]{number}  {_plain(stage.name)}[/bold]  '
        f'[dim]at most {stage.timeout:g} s, gripper {stage.gripper.value}[/dim]'
    )
    for term in stage.terms:
        weight = '' if term.weight == 1.0 else f'  [dim]weight {term.weight:g}[/dim]'
        if isinstance(term, Code):
            node = branch.add(f'code [cyan]{_plain(term.name)}[/cyan]{weight}  {_purpose(term)}')
            node.add(Syntax(printable_source(term.source), 'python', word_wrap=True))
        else:
            branch.add(f'[cyan]{term.kind}[/cyan]  {_arguments(term)}{weight}')
    until = ' and '.join(f'{item.kind} {_arguments(item)}'.strip() for item in stage.completion)
    branch.add(f'[dim]until[/dim] {until}')


def _purpose(term: Code) -> str:
    parts = []
    if term.goal is not None:
        offset = ', '.join(f'{value:g}' for value in term.goal_offset)
        parts.append(f'goal {_plain(term.goal)} + ({offset})')
    if term.obstacle is not None:
        parts.append(f'obstacle {_plain(term.obstacle)}')
    return ', '.join(parts)


def _arguments(item: Strict) -> str:
    """What was set, and what was not but matters: everything except the defaults of weights."""
    values = item.model_dump(exclude={'kind', 'weight'})
    return ', '.join(f'{name} {_value(value)}' for name, value in values.items())


def _value(value: object) -> str:
    if isinstance(value, tuple | list):
        return f'({", ".join(_value(item) for item in value)})'
    return f'{value:g}' if isinstance(value, float) else _plain(str(value))


def _plain(text: str) -> str:
    return escape(printable(text))


def printable_source(source: str) -> str:
    """Code with its lines, but without what would control a terminal."""
    return printable_lines(source.strip())
