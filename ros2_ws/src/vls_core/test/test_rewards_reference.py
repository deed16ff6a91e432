"""The reference page of terms and predicates says what the code says."""

import re
from pathlib import Path

import pytest

from vls_core.rewards import completion, program, terms
from vls_core.rewards.check import Rule

PAGE = (Path(__file__).resolve().parents[4] / 'docs' / 'reference' / 'reward-terms.md').read_text()
TERMS = program.Term.__origin__.__args__
PREDICATES = program.Predicate.__origin__.__args__
FUNCTIONS = {**terms.FUNCTIONS, **completion.FUNCTIONS, **completion.HISTORY_FUNCTIONS}
COMMON = ('kind', 'weight')


def row(model):
    """The line of the table a model belongs on: kind, arguments, meaning, how it is measured."""
    kind = model.model_fields['kind'].default
    arguments = ', '.join(
        _argument(name, field) for name, field in model.model_fields.items() if name not in COMMON
    )
    measured = _summary(FUNCTIONS[kind]) if kind in FUNCTIONS else 'What the code returns.'
    return f'| `{kind}` | {arguments or "none"} | {_summary(model)} | {measured} |'


def _argument(name, field):
    unit = re.search(r'\[[^]]+\]', field.description or '')
    text = f'`{name}`' + (f' {unit.group()}' if unit else '')
    return text if field.is_required() else f'{text} = {_value(field.default)}'


def _value(default):
    if isinstance(default, tuple):
        return f'({", ".join(f"{value:g}" for value in default)})'
    return f'{default:g}' if isinstance(default, float) else str(default)


def _summary(documented):
    return documented.__doc__.split('\n\n')[0].replace('\n    ', ' ').strip()


@pytest.mark.parametrize('model', [*TERMS, *PREDICATES], ids=lambda model: model.__name__)
def test_every_term_and_predicate_is_described_as_it_is(model):
    assert row(model) in PAGE.splitlines()


def test_nothing_is_described_that_is_not_there():
    described = re.findall(r'^\| `([a-z_]+)` \|', PAGE, re.MULTILINE)
    assert described == [model.model_fields['kind'].default for model in (*TERMS, *PREDICATES)]


@pytest.mark.parametrize('rule', Rule, ids=lambda rule: rule.name)
def test_every_rule_is_described(rule):
    assert f'- **{rule.value}**:' in PAGE
