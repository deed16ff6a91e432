"""Where and how to ask a model: checked once, before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from vls_core.vlm.cassette import CassetteMode
from vls_core.vlm.usage import Prices


class InvalidEndpointError(ValueError):
    """The settings cannot belong to any endpoint; the message says what to change."""


@dataclass(frozen=True)
class EndpointSettings:
    """Where and how to ask.

    Attributes:
        base_url: root of the API, e.g. "http://127.0.0.1:8000/v1".
        model: name of the model as the endpoint knows it.
        api_key_variable: environment variable that holds the key; it may be unset.
        request_timeout: for one try [s].
        deadline: for everything that belongs to one task of ours, retries included [s].
        temperature: of sampling; None leaves it to the endpoint.
        seed: of sampling; None leaves it to the endpoint.
        maximum_retries: tries after the first one, per question.
        first_backoff: pause before the first retry, doubled each time [s].
        prices: for a million tokens; unknown unless given.
        cassette_file: where requests and responses are recorded to or replayed from.
        cassette_mode: whether they are.

    Raises:
        InvalidEndpointError: no http(s) URL, one with a user, a password or a query, no model,
            or a cassette without a file.
    """

    base_url: str
    model: str
    api_key_variable: str = 'OPENAI_API_KEY'
    request_timeout: float = 30.0
    deadline: float = 60.0
    temperature: float | None = 0.0
    seed: int | None = None
    maximum_retries: int = 2
    first_backoff: float = 0.5
    prices: Prices = Prices()
    cassette_file: Path | None = None
    cassette_mode: CassetteMode = CassetteMode.OFF

    def __post_init__(self) -> None:
        # What may hold a password is not repeated: this message goes into logs.
        if set('@?#') & set(self.base_url):
            raise InvalidEndpointError(
                'base_url has a user, a password or a query, which would show in every message '
                f'about it; put the key into the environment variable {self.api_key_variable}'
            )
        if not _is_address(self.base_url):
            raise InvalidEndpointError(
                f'base_url "{self.base_url}" is no address; write e.g. "http://127.0.0.1:8000/v1"'
            )
        if not self.model:
            raise InvalidEndpointError(f'base_url is "{self.base_url}", but no model is named')
        if self.cassette_mode is not CassetteMode.OFF and self.cassette_file is None:
            raise InvalidEndpointError(
                f'cassette_mode is "{self.cassette_mode.value}", but there is no cassette_file'
            )


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in ('http', 'https') and bool(parts.hostname)
