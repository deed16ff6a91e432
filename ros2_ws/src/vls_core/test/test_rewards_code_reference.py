"""The page about rewards written as code says what the code does."""

import re
from pathlib import Path

from vls_core.rewards.code import limits, protections
from vls_core.rewards.code.compiler import compile_reward
from vls_core.rewards.code.dry_run import dry_run
from vls_core.rewards.code.operations import TABLE

PAGE = Path(__file__).parents[4] / 'docs' / 'reference' / 'reward-code.md'


def row(operation):
    spellings = ' '.join(f'`{spelling}`' for spelling in operation.spellings)
    return f'| {spellings} | {", ".join(map(str, operation.parameters))} |'


def section(title):
    text = PAGE.read_text(encoding='utf-8')
    return re.search(rf'^## {title}\n(.*?)(?=^## |\Z)', text, re.MULTILINE | re.DOTALL).group(1)


def test_the_table_of_operations_is_that_of_the_code():
    rows = [line for line in section('Operations').splitlines() if line.startswith('| `')]
    assert rows == [row(operation) for operation in TABLE]


def test_the_limits_are_those_of_the_code():
    text = section('Limits')
    numbers = dict(re.findall(r'^\| `(\w+)` \| ([\d.e]+) \|', text, re.MULTILINE))
    expected = {name: value for name, value in vars(limits).items() if name.isupper()}
    assert {name: float(value) for name, value in numbers.items()} == expected


def test_the_memory_and_time_of_a_worker_are_those_of_the_code():
    text = section('The worker')
    assert f'{protections.EXTRA_MEMORY // 2**30} GiB' in text
    assert f'{protections.PROCESSOR_SECONDS // 60} minutes' in text


def test_the_examples_are_accepted():
    examples = re.findall(r'```python\n(.*?)```', PAGE.read_text(encoding='utf-8'), re.DOTALL)
    assert len(examples) >= 2
    for example in examples:
        reward = compile_reward(example)
        assert dry_run(reward, reward.keypoints, particles=8).shape == (8,)
