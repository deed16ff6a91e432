"""Which characters of a source are code, told apart from comments and strings before it is parsed.

One pass from left to right that never goes back: a comment or a string, whichever begins first,
ends where Python ends it. That is certain because nothing else gets here: a string that is not
closed or has a prefix (its contents may be code) is refused, and before that every backslash but
at the end of a line, and every character but the line feed that could end a line.
"""

from __future__ import annotations

import re

from vls_core.rewards.code.errors import RewardCodeError

_COMMENT_OR_STRING = re.compile(r"""
    \#[^\n]*+
  | (?<![\w?])[rR]?+(?:
        \"{3}.*?\"{3} | \'{3}.*?\'{3}
      | \"(?!\"\")(?:[^\"\\\n]|\\\n)*+\" | \'(?!\'\')(?:[^\'\\\n]|\\\n)*+\'
    )
  | (?P<unclear>[\"\'])
""", re.VERBOSE | re.DOTALL)
_CONTENTS = re.compile(r'[^\n]')


def code_of(text: str) -> str:
    """The text with blanks for comments, and for strings but for a quote at either end.

    Every character and every line stays where it is.

    Args:
        text: ASCII, with ? for every other character; of control characters only tabs and line
            feeds; backslashes only before line feeds.

    Raises:
        RewardCodeError: a string is not closed or has a prefix; r alone is as good as none.
    """
    return _COMMENT_OR_STRING.sub(_blanked, text)


def _blanked(found: re.Match[str]) -> str:
    if found['unclear']:
        raise RewardCodeError(
            'a string that is not closed, or with a prefix as in f"...", is not allowed',
            found.string.count('\n', 0, found.start()) + 1,
        )
    text = found.group()
    if text.startswith('#'):
        return ' ' * len(text)
    return f'"{_CONTENTS.sub(" ", text[1:-1])}"'
