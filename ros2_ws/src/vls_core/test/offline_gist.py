"""What the offline author makes of a sentence on the bench, in a line."""

from __future__ import annotations

from vls_core.rewards.program import Avoid, KeepUpright, Smooth, SpeedLimit
from vls_core.types import Scene
from vls_core.vlm.author import AuthoredProgram, AuthorRequest
from vls_core.vlm.offline import OfflineAuthor
from vls_core.vlm.offline.modifiers import AVOID_MARGIN


def write(sentence: str, scene: Scene) -> AuthoredProgram:
    """The program and its notes."""
    return OfflineAuthor().write(AuthorRequest(sentence, scene))


def gist(authored: AuthoredProgram) -> str:
    """The summary, and what was added to the stages; standing clear of the bottle is no news."""
    terms = authored.program.stages[0].terms
    kinds = {type(term) for term in terms}
    parts = [authored.notes[0].partition(': ')[2]]
    parts += ['[slow]'] if {SpeedLimit, Smooth} <= kinds else []
    parts += ['[upright]'] if KeepUpright in kinds else []
    clear = [(term.object, term.margin) for term in terms if isinstance(term, Avoid)]
    parts += [f'[{name} {100 * margin:g} cm]' for name, margin in clear
              if (name, margin) != ('bottle', AVOID_MARGIN)]
    return ' '.join(parts)
