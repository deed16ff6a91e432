"""What a node said last before it died."""

from __future__ import annotations

import re
from pathlib import Path

_ERROR = re.compile(r'\[(ERROR|FATAL)\]')
_ROS_PREFIX = re.compile(r'^\[(ERROR|FATAL)\] \[[\d.]+\] \[[^\]]*\]: ')


def last_words(log: Path, lines: int = 12) -> str:
    """The error lines at the end of a log; its last lines if it names no error."""
    try:
        written = log.read_text(errors='replace').splitlines()
    except FileNotFoundError:
        return ''
    tail = written[-200:]
    if any(line.startswith('Traceback') for line in tail):
        chosen = tail
    else:
        chosen = [_ROS_PREFIX.sub('', line) for line in tail if _ERROR.search(line)] or tail
    return '\n'.join(chosen[-lines:])
