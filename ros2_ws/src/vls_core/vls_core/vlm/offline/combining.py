"""Makes one command of the parts of a sentence: what "it" is, and that there is one task."""

from __future__ import annotations

from dataclasses import dataclass, replace

from vls_core.vlm.author import NotUnderstoodError
from vls_core.vlm.offline.actions import PLACED
from vls_core.vlm.offline.syntax import Action, Avoidance, Command, Manner, Phrase, Verb

EXAMPLE = '"put the <object> on the <target>, stay clear of the <obstacle>"'


@dataclass(frozen=True)
class Upright:
    """ "keep the <thing> upright"."""

    thing: Phrase


Part = Action | Avoidance | frozenset[Manner] | Upright


def combine(instruction: str, parts: tuple[Part, ...]) -> Command:
    """One command from all parts. Raises NotUnderstoodError."""
    uprights = [part.thing for part in parts if isinstance(part, Upright)]
    action = _one_action(
        instruction, [part for part in parts if isinstance(part, Action)],
        uprights[0] if isinstance(parts[0], Upright) else None,
    )
    apart = [part for part in parts if isinstance(part, frozenset)]
    manner = action.manner.union(*apart)
    manner |= {Manner.UPRIGHT} if uprights else set()
    if {Manner.HIGH, Manner.LOW} <= manner:
        raise NotUnderstoodError(f'"{instruction}" asks for both high and low; say which')
    avoided = tuple(part for part in parts if isinstance(part, Avoidance))
    return Command(action, avoided, manner, tuple(uprights))


def _one_action(instruction: str, actions: list[Action], before: Phrase | None) -> Action:
    """The action; a pronoun is what was spoken of just before. Raises NotUnderstoodError."""
    refusal = NotUnderstoodError(
        f'"{instruction}" is not one task with one object; say it like {EXAMPLE}'
    )
    if len(actions) == 2:
        first, second = actions
        merged = second.thing is None and second.verb in PLACED
        if not merged or replace(first, manner=frozenset()) != Action(Verb.PICK, first.thing):
            raise refusal
        actions = [replace(second, thing=first.thing, manner=first.manner | second.manner)]
    if len(actions) != 1:
        raise refusal
    action = replace(actions[0], thing=actions[0].thing or before)
    if action.thing is None:
        raise refusal
    return action
