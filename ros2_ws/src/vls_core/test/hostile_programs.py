"""Programs that must never be accepted, by family.

Most are in `hostile/<family>.txt`, one after another: `=== line` is put into a good reward before
its return, `=== value` is what such a reward returns, `=== program` stands for itself. Those that
are awkward as text (long, deep, in strange characters) are made here.
"""

from pathlib import Path

KEYPOINTS = {'red cube': [0.5, 0.1, 0.02], 'red cube.top': [0.5, 0.1, 0.04]}
UNPARSABLE = {'unicode', 'nesting', 'statements', 'functions', 'walrus', 'infinite_loops',
              'in_place', 'huge_constants', 'attributes', 'comprehensions', 'aliasing'}
"""Families with programs that are not even Python; elsewhere that would be a mistake."""
_HEAD = '''def reward(keypoints, trajectory):
    """goal: red cube"""
'''
_VALUE = "-torch.norm(trajectory[:, -1] - keypoints['red cube'], dim=-1)"


def reward_with(lines='', value=_VALUE):
    """A good reward but for what is put into it."""
    body = ''.join(f'    {line}\n' for line in [*lines.split('\n'), f'return {value}'] if line)
    return _HEAD + body


def families():
    """Programs by family."""
    found = {path.stem: _read(path) for path in sorted(_FOLDER.glob('*.txt'))}
    return found | {
        'unicode': _unicode(), 'nesting': _nesting(), 'size': _size(), 'results': _results(),
        'garbage': _garbage(),
    }


_FOLDER = Path(__file__).parent / 'hostile'


def _read(path):
    makers = {'line': reward_with, 'value': lambda text: reward_with(value=text),
              'program': lambda text: text}
    programs = []
    for part in path.read_text(encoding='utf-8').split('=== ')[1:]:
        kind, _, text = part.partition('\n')
        programs.append(makers[kind](text.rstrip('\n')))
    return programs


def _unicode():
    strange = {
        'full width': 'x = \uff54\uff4f\uff52\uff43\uff48.load("x")',
        'cyrillic': 'g\u043eal = 1.0',
        'greek': '\u03b1 = 1.0', 'ligature': '\ufb01 = 1.0', 'combining': 'e\u0301 = 1.0',
        'bidi comment': 'x = 1.0  # \u202e)(daol.hcrot', 'isolate': 'x = 1.0  # \u2066 \u2069',
        'zero width': 'go\u200bal = 1.0', 'joiner': 'go\u200dal = 1.0', 'bom': '\ufeffx = 1.0',
        'no-break space': 'x\u00a0= 1.0', 'line separator': 'x = 1.0\u2028import os',
        'paragraph separator': 'x = 1.0\u2029import os', 'next line': 'x = 1.0  # \u0085import os',
        'form feed': 'x = 1.0  # \x0cimport os', 'vertical tab': 'x = 1.0  # \x0bimport os',
        'lone return': 'x = 1.0  # \rimport os', 'nul': 'x = 1.0\x00import os',
        'nul in text': 'x = keypoints["red\x00cube"]', 'bell': 'x = 1.0  # \x07',
        'escape': 'x = 1.0  # \x1b[2J', 'delete': 'x = 1.0  # \x7f',
        'tag characters': 'x = 1.0  # \U000e0041\U000e0042', 'private use': 'x = 1.0  # \ue000',
        'surrogate': 'x = 1.0  # \ud800', 'surrogate in text': 'x = keypoints["\udcff"]',
        'digits': 'x = \u0661\u0662', 'superscript': 'x = 1\u00b2', 'minus': 'x = \u22121.0',
        'quotes': 'x = keypoints[\u201cred cube\u201d]', 'mathematical': '\U0001d465 = 1.0',
        'hex escape': 'x = keypoints["\\x5f\\x5fclass\\x5f\\x5f"]',
        'octal escape': 'x = keypoints["\\137class"]', 'named': 'x = keypoints["\\N{LOW LINE}"]',
        'unicode escape': 'x = keypoints["\\u202e"]',
        'long escape': 'x = keypoints["\\U0001f600"]',
        'line break escape': 'x = keypoints["red\\ncube"]', 'bad escape': 'x = keypoints["\\d"]',
        'continued name': 'x = tor\\\nch.load("x")', 'backslash and blank': 'x = 1.0 + \\ \n1.0',
        'variation': 'x = 1.0  # a\ufe0f', 'cjk': '\u5909\u6570 = 1.0',
        'hangul filler': '\u3164 = 1.0',
        'soft hyphen': 'go\u00adal = 1.0', 'ideographic space': 'x\u3000= 1.0',
        'roman numeral': '\u2160 = 1.0', 'kelvin': '\u212a = 1.0', 'underline': '\uff3fx = 1.0',
    }
    cookies = ['# -*- coding: utf-7 -*-\n# +AAo-import os\n', '# coding: rot13\n# vzcbeg bf\n',
               '# blank\n# vim: set fileencoding=utf-16 :\n']
    return [*map(reward_with, strange.values()), *(text + reward_with() for text in cookies)]


def _nesting():
    deep = 300
    expressions = [
        '(' * deep + '1.0' + ')' * deep, '[' * deep + ']' * deep, '{' * deep + '}' * deep,
        '((' * 40, '[(' * 60, '(' * 2900, ')' * 2900, '[' * 2900, '{' * 2900, '{[(' * 900,
        '-' * 5000 + '1.0', '~' * 5000 + '1', '- ' * 2500 + '1.0', '+-~' * 1500 + '1',
        'not ' * 1200 + '1', 'await ' * 900 + '1', 'lambda: ' * 700 + '1',
        '+'.join(['1.0'] * 1200), '*'.join(['1.0'] * 1200), '**'.join(['1'] * 1500),
        '-'.join(['trajectory'] * 400), 'trajectory' + '.T' * 2500, 'trajectory' + '[0]' * 1700,
        'trajectory' + '()' * 2500, 'trajectory' + '.abs()' * 900,
        'abs(' * 100 + '1.0' + ')' * 100,
        '<'.join(['1'] * 2500), ' and '.join(['1'] * 1000), ' or '.join(['1'] * 1000),
        '1 if 1 else ' * 400 + '1', 'torch.tensor(' + '[' * 40 + '1.0' + ']' * 40 + ')',
        'torch.tensor(' + '[' * 15 + '1.0' + ']' * 15 + ')', '(1.0,' * 100 + ')' * 100,
        'torch.stack(' * 60 + ')' * 60, 'trajectory[' * 60 + '0' + ']' * 60, 'f(*' * 100,
        '(yield ' * 100, '[x for x in ' * 80, '{**' * 100, '(a:=' * 100, 'f"' + '{' * 200,
        '"' * 5000, "'''" * 1500, '=' * 5000, 'x=' * 2500 + '1', '@' * 3000, '.' * 5000,
        ',' * 5000, ';' * 5000, ':' * 5000, '\\\n' * 2000, '(\n' * 1500, '0' * 5500 + '1.0',
        '"#" + ' + '(' * 30 + '1.0' + ')' * 30, '"""#""" + ' + '-' * 40 + '1.0',
        "'''\n# ''' + " + '~' * 40 + '1', '(' + '(#)\n' * 30 + '1.0' + ')' * 31,
        '(' + '-  # 1\n' * 30 + '1.0)', "'\"' + " + '(' * 30 + '1.0' + ')' * 30,
        '1_' * 2700 + '1', '1.' + '0' * 5500, '1e-' + '9' * 5000, '0x' + 'f' * 5500,
    ]
    loops = ''.join(f'{" " * depth}for i{depth} in range(2):\n' for depth in range(30))
    blocks = [
        loops + ' ' * 30 + 'x = 1.0',
        ''.join(f'{" " * depth}if 1:\n' for depth in range(70)) + ' ' * 70 + 'x = 1.0',
        ''.join(f'{" " * depth}if 1:\n' for depth in range(99)) + ' ' * 99 + 'x = 1.0',
        'if 1:\n x = 1.0\n' + 'elif 1:\n x = 1.0\n' * 250,
        ''.join(f'{" " * depth}def f():\n' for depth in range(60)) + ' ' * 60 + 'pass',
        'x = 1.0\n' + '  y = 2.0\n', 'x = 1.0\n\ty = 2.0', '@f\n' * 1500 + 'def g(): pass',
    ]
    return [reward_with(f'x = {text}') for text in expressions] + [*map(reward_with, blocks)]


def _size():
    return [
        reward_with('# ' + 'a' * 6000), reward_with('x = 1.0\n' * 3000), '#' * 10**6, ' ' * 10**6,
        '\n' * 10**6, '(' * 10**6, reward_with('\n'.join(f'x{i} = 1.0' for i in range(430))),
        reward_with('a' * 61 + ' = 1.0'), reward_with(f'x = keypoints["{"a" * 3000}"]'),
        reward_with('x = torch.tensor([' + '1.0,' * 1000 + '])'),
        reward_with('x = torch.stack([' + 'trajectory,' * 65 + '])'),
        reward_with('x = trajectory\n' + 'x = x*x+x*x\n' * 380),
        reward_with('x = trajectory[' + '0,' * 500 + ']'), 'def f(k,t): return ' + 'a' * 5900,
        'def f(' + ','.join(f'a{i}' for i in range(900)) + '): return a0',
    ]


def _results():
    """Compiled without complaint; what they give is no reward."""
    values = [
        '0.0', '1', 'trajectory', 'trajectory.shape', 'torch.min(trajectory, dim=1)',
        'trajectory.mean()', 'trajectory[:, 0]', 'trajectory[:, 0, 0] > 0', 'torch.zeros(3)',
        '-torch.norm(trajectory)', 'torch.log(-trajectory[:, 0, 0].square())',
        'trajectory[:, 0, 0] / torch.zeros(1)', '-torch.exp(trajectory[:, 0, 0] * 1000 + 1000)',
        '-torch.log(trajectory[:, 0, 0] * 0.0)', 'torch.zeros_like(trajectory[:, 0, 0])',
        '-(trajectory[:, -1] - keypoints["red cube"]).square().sum(-1).mean().expand(len('
        'trajectory))',
        'torch.norm(trajectory[:, -1] - keypoints["red cube"], dim=-1)',
        '-torch.sign(trajectory[:, -1, 0])', '-trajectory[:, -1].square().sum(-1)',
        '-1e9 * torch.norm(trajectory[:, -1] - keypoints["red cube"], dim=-1)',
        'trajectory[:, 0, 0].pow(-16)', 'torch.tensor([1.0])', 'trajectory[0, :, 0]',
        '-torch.acos(trajectory[:, 0, 0]) * torch.reciprocal(trajectory[:, 0, 0] * 0)',
    ]
    return [reward_with(value=value) for value in values]


def _garbage():
    return [
        '', ' ', '\n', '\t', '#', 'None', '{}', '[]', '"', "'''", 'def', 'def f', 'def f(',
        'def f(k, t)',
        'def f(k, t):', 'def f(k, t):\n', 'def f(k, t): return', 'return 1', '<html></html>',
        '{"kind": "code"}', '```python\ndef f(k, t): return t\n```', 'Sure! Here is the reward:',
        'SELECT 1', '\\', '\\\n', '$', '?', '!', '`ls`', 'def f(k, t): return -t[:, 0, 0] $',
        'def f(k t): return t', 'def 1f(k, t): return t', 'lambda k, t: t', 'f = 1',
        'def f(k, t)\n return t',
        'def f(k, t):\nreturn t', '\x00', '\ud800', 'print', 'class', '...', 'pass',
        'def f(k, t): pass',
    ]
