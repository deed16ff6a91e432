"""What questions to a model cost: tokens as the endpoint counts them, prices from the settings."""

from __future__ import annotations

from dataclasses import dataclass

TOKENS_PER_PRICE = 1_000_000
"""Prices are customarily given for this many tokens."""


@dataclass(frozen=True)
class Prices:
    """Prices for a million tokens, in whatever currency; 0 is unknown.

    Attributes:
        prompt: of tokens sent.
        completion: of tokens received.
    """

    prompt: float = 0.0
    completion: float = 0.0

    @property
    def known(self) -> bool:
        """Whether both are: half a price is no price."""
        return self.prompt > 0.0 and self.completion > 0.0


@dataclass(frozen=True)
class Usage:
    """Tokens of one or several questions.

    Attributes:
        questions: answers received; tries that failed are not among them.
        prompt_tokens: sent, as counted by the endpoint.
        completion_tokens: received, as counted by the endpoint.
        uncounted: answers whose tokens the endpoint did not report.
    """

    questions: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    uncounted: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.questions + other.questions,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.uncounted + other.uncounted,
        )

    def cost(self, prices: Prices) -> float | None:
        """In the currency of the prices; None if prices or tokens are not all known."""
        if not prices.known or self.uncounted:
            return None
        sent = self.prompt_tokens * prices.prompt
        received = self.completion_tokens * prices.completion
        return (sent + received) / TOKENS_PER_PRICE

    def text(self, prices: Prices = Prices()) -> str:  # noqa: B008 (immutable)
        """For the operator, e.g. '2 questions, 5100 + 800 tokens, 0.0153'."""
        noun = 'question' if self.questions == 1 else 'questions'
        parts = [f'{self.questions} {noun}']
        if self.uncounted:
            parts.append(f'tokens not reported for {self.uncounted}')
        if self.questions > self.uncounted:
            parts.append(f'{self.prompt_tokens} + {self.completion_tokens} tokens')
        cost = self.cost(prices)
        if cost is not None:
            parts.append(f'{cost:.4f}')
        return ', '.join(parts)


@dataclass
class UsageMeter:
    """Adds up the usage of many questions; it does not grow with them.

    Attributes:
        total: of all questions.
    """

    total: Usage = Usage()

    def add(self, usage: Usage) -> None:
        """Counts one question."""
        self.total += usage
