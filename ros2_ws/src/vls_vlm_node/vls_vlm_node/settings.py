"""The parameters of the vlm node, and the author they describe."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vls_core.control.fr3 import DEFAULT_WORKSPACE, WorkspaceBox
from vls_core.rewards.check import ProgramRejectedError, check_program
from vls_core.rewards.program import RewardProgram, scene_hash
from vls_core.rewards.verification.report import (
    Check,
    Finding,
    Verdict,
    VerificationReport,
    Verifier,
)
from vls_core.types import InvalidValueError, Scene
from vls_core.vlm.author import Author
from vls_core.vlm.cache import ProgramCache, default_cache_file
from vls_core.vlm.compose import CachedAuthor, FallbackAuthor
from vls_core.vlm.offline import OfflineAuthor
from vls_ros.lifecycle import SetupError
from vls_ros.parameters import parameter
from vls_vlm_node.world import Patience

AUTHORING_MARGIN = 2.0
"""The author's own deadline comes this much before the task gives up on it [s]."""


@dataclass(frozen=True)
class Parameters:
    """Parameters of the vlm node."""

    base_url: str = parameter(
        '', 'root of an OpenAI-compatible API, e.g. http://127.0.0.1:8000/v1; empty: offline rules'
    )
    model: str = parameter('', 'name of the model at base_url')
    api_key_variable: str = parameter(
        'OPENAI_API_KEY', 'environment variable that holds the API key; it may be unset'
    )
    temperature: float = parameter(
        0.0, 'of sampling; -1 leaves it to the endpoint', -1.0, 2.0
    )
    request_timeout: float = parameter(20.0, 'for one request [s]', 0.05, 600.0)
    authoring_timeout: float = parameter(
        30.0, 'for writing a program, retries and repair included [s]', 0.1, 600.0
    )
    maximum_retries: int = parameter(2, 'after a passing failure of the endpoint', 0, 10)
    fall_back_to_offline: bool = parameter(
        True, 'let the offline rules write when the endpoint fails; else the task fails'
    )
    start_unsteered: bool = parameter(
        False, 'let the base policy begin unsteered, along the stages of the offline rules, while '
        'the endpoint writes'
    )
    use_cache: bool = parameter(True, 'keep the programs of the endpoint on disk')
    cache_file: str = parameter('', "empty: in the user's cache folder")
    cache_entries: int = parameter(500, 'programs kept on disk', 1, 100_000)
    task_timeout: float = parameter(
        75.0, 'for the motion, when the goal gives no timeout [s]', 1.0, 3600.0
    )
    scene_timeout: float = parameter(5.0, 'until a scene must have arrived [s]', 0.1, 60.0)
    second_look_timeout: float = parameter(
        2.0, 'how long a named object may still come into view [s]', 0.0, 60.0
    )
    policy_timeout: float = parameter(5.0, 'until the policy must have answered [s]', 0.1, 60.0)
    bridge_timeout: float = parameter(2.0, 'until the bridge must be ready [s]', 0.1, 60.0)
    workspace_lower: tuple[float, ...] = parameter(
        tuple(DEFAULT_WORKSPACE.lower.tolist()), 'x y z of the lower corner programs may use [m]'
    )
    workspace_upper: tuple[float, ...] = parameter(
        tuple(DEFAULT_WORKSPACE.upper.tolist()), 'x y z of the upper corner programs may use [m]'
    )

    @property
    def patience(self) -> Patience:
        """How long the task waits for what."""
        return Patience(
            scene=self.scene_timeout,
            second_look=self.second_look_timeout,
            authoring=self.authoring_timeout + AUTHORING_MARGIN,
            policy=self.policy_timeout,
            bridge=self.bridge_timeout,
        )

    @property
    def workspace(self) -> WorkspaceBox:
        """Where programs may send the end effector. Raises SetupError."""
        try:
            return WorkspaceBox(np.array(self.workspace_lower), np.array(self.workspace_upper))
        except InvalidValueError as error:
            raise SetupError(f'workspace_lower, workspace_upper: {error}') from error


def build_author(parameters: Parameters) -> Author:
    """The author the parameters ask for. Raises SetupError."""
    if not parameters.base_url:
        if parameters.model:
            raise SetupError(
                f'model is "{parameters.model}", but base_url is empty: name the endpoint, or '
                'leave both empty for the offline rules'
            )
        return OfflineAuthor()
    author = _endpoint_author(parameters)
    if parameters.use_cache:
        file = Path(parameters.cache_file).expanduser() if parameters.cache_file else None
        cache = ProgramCache(file or default_cache_file(), parameters.cache_entries)
        author = CachedAuthor(author, cache, build_verifier(parameters))
    if parameters.fall_back_to_offline:
        author = FallbackAuthor(author, OfflineAuthor(), build_verifier(parameters))
    return author


def build_meanwhile(parameters: Parameters) -> Author | None:
    """Who writes what the base policy begins with while an endpoint is being waited for."""
    return OfflineAuthor() if parameters.start_unsteered and parameters.base_url else None


def build_verifier(parameters: Parameters) -> Verifier:
    """The judge of programs. Raises SetupError."""
    workspace = parameters.workspace

    def verify(program: RewardProgram, scene: Scene) -> VerificationReport:
        try:
            check_program(program, scene, workspace)
        except ProgramRejectedError as error:
            finding = Finding(Check.STATIC, Verdict.FAILED, program.subject, str(error))
        else:
            finding = Finding(Check.STATIC, Verdict.PASSED, program.subject, 'all rules hold')
        return VerificationReport(program.content_hash, scene_hash(scene), (finding,))

    return verify


def _endpoint_author(parameters: Parameters) -> Author:
    # Imported here: without an endpoint the node needs no openai package and starts faster.
    from vls_core.vlm.client import EndpointAuthor, EndpointSettings, InvalidEndpointError

    try:
        settings = EndpointSettings(
            base_url=parameters.base_url,
            model=parameters.model,
            api_key_variable=parameters.api_key_variable,
            request_timeout=parameters.request_timeout,
            deadline=parameters.authoring_timeout,
            temperature=parameters.temperature if parameters.temperature >= 0.0 else None,
            maximum_retries=parameters.maximum_retries,
        )
    except InvalidEndpointError as error:
        raise SetupError(str(error)) from error
    return EndpointAuthor(settings, build_verifier(parameters))
