"""Who writes programs and who looks at stages, as the parameters say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vls_core.rewards.verification.report import Verifier
from vls_core.vlm.author import Author
from vls_core.vlm.cache import ProgramCache, default_cache_file
from vls_core.vlm.compose import CachedAuthor, FallbackAuthor, VerifiedAuthor
from vls_core.vlm.offline import OfflineAuthor
from vls_core.vlm.usage import Usage
from vls_ros.lifecycle import SetupError
from vls_vlm_node.settings import Parameters

if TYPE_CHECKING:
    from vls_core.vlm.client import EndpointSettings
    from vls_core.vlm.stage_check import StageChecker


@dataclass(frozen=True)
class Authors:
    """Everybody who reads or writes.

    Attributes:
        author: writes the programs.
        meanwhile: writes what the base policy begins with while `author` is busy; None: nobody.
        checker: asks a model about stages; None: nobody does.
        usage: questions and tokens of all of them until now.
    """

    author: Author
    meanwhile: Author | None = None
    checker: StageChecker | None = None
    usage: Callable[[], Usage] = Usage


def build_authors(parameters: Parameters, verifier: Verifier) -> Authors:
    """Those the parameters ask for. Raises SetupError."""
    offline = OfflineAuthor(parameters.workspace)
    if not parameters.base_url:
        _require_no_model(parameters)
        return Authors(VerifiedAuthor(offline, verifier))
    # Imported here: without an endpoint the node needs no openai package and starts faster.
    from vls_core.vlm.cassette import CassetteError
    from vls_core.vlm.client import AuthoringSettings, EndpointAuthor, InvalidEndpointError
    from vls_core.vlm.stage_check import StageChecker

    try:
        settings = _endpoint_settings(parameters)
        doubts = AuthoringSettings(votes=parameters.votes, second_look=parameters.second_look)
        model = EndpointAuthor(settings, verifier, doubts)
        checker = StageChecker(settings) if parameters.stage_checks else None
    except (InvalidEndpointError, CassetteError) as error:
        raise SetupError(str(error)) from error
    author: Author = model
    if parameters.use_cache:
        file = Path(parameters.cache_file).expanduser() if parameters.cache_file else None
        cache = ProgramCache(file or default_cache_file(), parameters.cache_entries)
        author = CachedAuthor(author, cache, verifier)
    if parameters.fall_back_to_offline:
        author = FallbackAuthor(author, offline, verifier)
    return Authors(
        author, offline if parameters.start_unsteered else None, checker,
        lambda: model.usage + (checker.usage if checker else Usage()),
    )


def _require_no_model(parameters: Parameters) -> None:
    if parameters.model:
        raise SetupError(
            f'model is "{parameters.model}", but base_url is empty: name the endpoint, or leave '
            'both empty for the offline rules'
        )
    if parameters.stage_checks:
        raise SetupError('stage_checks needs a model: set base_url and model')


def _endpoint_settings(parameters: Parameters) -> EndpointSettings:
    """Raises InvalidEndpointError or SetupError."""
    from vls_core.vlm.client import EndpointSettings

    return EndpointSettings(
        base_url=parameters.base_url,
        model=parameters.model,
        api_key_variable=parameters.api_key_variable,
        request_timeout=parameters.request_timeout,
        deadline=parameters.authoring_timeout,
        temperature=parameters.temperature if parameters.temperature >= 0.0 else None,
        seed=parameters.seed if parameters.seed >= 0 else None,
        maximum_retries=parameters.maximum_retries,
        prices=parameters.prices,
        cassette_file=parameters.cassette_path,
        cassette_mode=parameters.cassette,
    )
