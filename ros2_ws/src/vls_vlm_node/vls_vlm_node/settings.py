"""The parameters of the vlm node."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vls_core.control.fr3 import DEFAULT_WORKSPACE, WorkspaceBox
from vls_core.grounding.camera import DEMO_FRONT_CAMERA
from vls_core.types import InvalidValueError
from vls_core.vlm.bounds import OVERTIME
from vls_core.vlm.usage import Prices
from vls_ros.lifecycle import SetupError
from vls_ros.parameters import parameter
from vls_vlm_node.world import Patience

if TYPE_CHECKING:
    from vls_core.vlm.cassette import CassetteMode

AUTHORING_MARGIN = OVERTIME + 2.0
"""The author's own deadline comes this much before the task gives up on it [s]: what is verified
and looked up besides, the substitute's program included, and 2 s to hand it over."""


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
    seed: int = parameter(-1, 'of sampling; -1 leaves it to the endpoint', -1, 2**31 - 1)
    request_timeout: float = parameter(20.0, 'for one request [s]', 0.05, 600.0)
    authoring_timeout: float = parameter(
        30.0, 'for writing a program, retries and repair included [s]', 0.1, 600.0
    )
    maximum_retries: int = parameter(2, 'after a passing failure of the endpoint', 0, 10)
    votes: int = parameter(
        1, 'how often the same question is asked; most answers must mean the same', 1, 15
    )
    second_look: bool = parameter(
        False, 'have the model find subject and target in a picture without names'
    )
    prompt_price: float = parameter(0.0, 'of a million tokens sent; 0: unknown', 0.0, 1e6)
    completion_price: float = parameter(0.0, 'of a million tokens received; 0: unknown', 0.0, 1e6)
    cassette_mode: str = parameter(
        'off', 'off, record or replay: keep what was asked and answered, or play it back'
    )
    cassette_file: str = parameter('', 'where it is kept')
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
    stage_checks: bool = parameter(
        False, 'ask the model in the background whether a stage is over; it can only propose'
    )
    stage_check_period: float = parameter(
        10.0, 'from the begin of a stage or the last check to the next one [s]', 0.1, 600.0
    )
    task_timeout: float = parameter(
        75.0, 'for the motion, when the goal gives no timeout [s]', 1.0, 3600.0
    )
    scene_timeout: float = parameter(5.0, 'until a scene must have arrived [s]', 0.1, 60.0)
    reappearance_timeout: float = parameter(
        2.0, 'how long a named object may still come into view [s]', 0.0, 60.0
    )
    policy_timeout: float = parameter(5.0, 'until the policy must have answered [s]', 0.1, 60.0)
    bridge_timeout: float = parameter(2.0, 'until the bridge must be ready [s]', 0.1, 60.0)
    camera: str = parameter(
        DEMO_FRONT_CAMERA.name, 'prefix of the topics of the camera that second_look looks with'
    )
    camera_position: tuple[float, ...] = parameter(
        tuple(DEMO_FRONT_CAMERA.position.tolist()), 'as of the perception node [m]'
    )
    camera_orientation: tuple[float, ...] = parameter(
        tuple(DEMO_FRONT_CAMERA.quaternion.tolist()), 'as of the perception node, x y z w'
    )
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
            reappearance=self.reappearance_timeout,
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

    @property
    def prices(self) -> Prices:
        """What questions cost."""
        return Prices(self.prompt_price, self.completion_price)

    @property
    def cassette(self) -> CassetteMode:
        """Whether questions are recorded or replayed. Raises SetupError."""
        from vls_core.vlm.cassette import CassetteMode  # needs the openai package

        try:
            return CassetteMode(self.cassette_mode)
        except ValueError as error:
            modes = ', '.join(CassetteMode)
            raise SetupError(
                f'cassette_mode is "{self.cassette_mode}", not one of {modes}'
            ) from error

    @property
    def cassette_path(self) -> Path | None:
        """The file of the cassette, if one is named."""
        return Path(self.cassette_file).expanduser() if self.cassette_file else None
