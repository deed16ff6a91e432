"""Times of verification, and of a reward with its gradient, over one plain denoising step.

Everything is timed in one process on one thread and in turns with denoising steps of the demo's
policy, so that whatever else the machine does hits all alike. A ratio says the same on a faster
machine; milliseconds do not.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from benchmarks.steering.cost import demo_situation
from benchmarks.steering.version import CHECKPOINT
from vls_core.eval.statistics import Estimate, bootstrap_ratio
from vls_core.policies.flow import FlowPolicy
from vls_core.rewards.code.evaluator import InProcessEvaluator, SandboxedEvaluator
from vls_core.rewards.program import Code, Elapsed, RewardProgram, Stage
from vls_core.rewards.stage_reward import StageReward
from vls_core.rewards.verification.gradient import differentiate
from vls_core.rewards.verification.verify import ProgramVerifier
from vls_core.steering.denoising import initial_noise
from vls_core.trajectory import Trajectory
from vls_core.types import Observation, Scene
from vls_core.vlm.author import AuthorRequest
from vls_core.vlm.offline import OfflineAuthor

PARTICLES = 32
STEP = 'denoising step'
INSTRUCTION = 'put the red cube on the plate'
CALLS = ('vetted stage', 'code in process', 'code in the worker')
VERIFICATIONS = ('vetted program', 'program with code', 'bare code term')
PERCENTILES = (50, 95, 99)
SOURCE = '''
def to_the_plate(keypoints, trajectory):
    """goal: plate.top + (0, 0, 0.12)
    obstacle: bottle
    """
    goal = keypoints["plate.top"] + torch.tensor([0.0, 0.0, 0.12])
    distance = torch.norm(trajectory[:, 1:] - goal, dim=-1)
    to_bottle = torch.norm(trajectory[:, 1:, :2] - keypoints["bottle"][:2], dim=-1)
    too_close = torch.relu(0.12 - to_bottle)
    return -distance.mean(dim=1) - 2.0 * too_close.amax(dim=1)
'''
_WARM_UP = 3


@dataclass(frozen=True)
class Timing:
    """How long calls took, and denoising steps in between, both (N,) [s], in pairs."""

    name: str
    seconds: Sequence[float]
    steps: Sequence[float]

    @property
    def median_ratio(self) -> Estimate:
        """Median call over median step, with its interval."""
        return bootstrap_ratio(self.seconds, self.steps)

    def ratio(self, percentile: float) -> float:
        """A slow call over a median step."""
        return float(np.percentile(self.seconds, percentile) / np.median(self.steps))

    def like_ratio(self, percentile: float) -> float:
        """A slow call over an equally slow step: what else the machine does slows both."""
        return float(
            np.percentile(self.seconds, percentile) / np.percentile(self.steps, percentile)
        )

    def milliseconds(self, percentile: float) -> float:
        """A slow call."""
        return float(1e3 * np.percentile(self.seconds, percentile))


def time_in_turns(
    calls: Mapping[str, Callable[[], object]],
    step: Callable[[], object],
    repetitions: int,
    clock: Callable[[], float] = time.perf_counter,
) -> list[Timing]:
    """Every call paired with a step of its own, the order turned round each time."""
    for call in (*calls.values(), step) * _WARM_UP:
        call()
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    steps: dict[str, list[float]] = {name: [] for name in calls}
    names = list(calls)
    for repetition in range(repetitions):
        turned = repetition % len(names)
        for name in names[turned:] + names[:turned]:
            seconds[name].append(_timed(calls[name], clock))
            steps[name].append(_timed(step, clock))
    return [Timing(name, seconds[name], steps[name]) for name in names]


def _timed(call: Callable[[], object], clock: Callable[[], float]) -> float:
    began = clock()
    call()
    return clock() - began


def denoising_step(
    policy: FlowPolicy, observation: Observation, particles: int = PARTICLES
) -> Callable[[], torch.Tensor]:
    """One plain step of the policy: the network once, and one step of its process."""
    generator = torch.Generator().manual_seed(0)
    condition = policy.encode(observation)
    noisy = initial_noise(policy, particles, generator)
    first, second = policy.process.levels(policy.denoising_steps)[:2]

    def step() -> torch.Tensor:
        with torch.no_grad():
            prediction = policy.predict(noisy, first.time, condition)
            return policy.process.step(noisy, prediction, first, second, generator)

    return step


def reward_calls(
    policy: FlowPolicy, observation: Observation, verifier: ProgramVerifier
) -> dict[str, Callable[[], object]]:
    """A reward with its gradient by positions and gripper, by kind of reward."""
    trajectory = plain_plans(policy, observation)
    scene = observation.scene
    vetted = demo_situation()[1]
    in_code = Stage(
        name='to the plate', terms=(code_term(),), completion=(Elapsed(),)
    )
    here = StageReward(in_code, scene, code=InProcessEvaluator())
    sandboxed = StageReward(in_code, scene, code=SandboxedEvaluator(verifier.worker, 20.0))
    rewards = dict(zip(CALLS, (vetted, here, sandboxed), strict=True))
    return {
        name: lambda reward=reward: differentiate(reward, trajectory)
        for name, reward in rewards.items()
    }


def plain_plans(policy: FlowPolicy, observation: Observation) -> Trajectory:
    """Motions of the size that is steered, from noise."""
    noise = initial_noise(policy, PARTICLES, torch.Generator().manual_seed(1))
    return policy.decode(policy.clip(noise), observation)


def verifications(scene: Scene, verifier: ProgramVerifier) -> dict[str, Callable[[], object]]:
    """A verification that accepts, by what is verified."""
    program = OfflineAuthor().write(AuthorRequest(INSTRUCTION, scene)).program
    longest = max(program.stages, key=lambda stage: len(stage.terms))
    stages = tuple(
        stage.model_copy(update={'terms': (*stage.terms, code_term())})
        if stage is longest else stage for stage in program.stages
    )
    with_code = RewardProgram(subject=program.subject, target=program.target, stages=stages)
    calls = {
        'vetted program': lambda: verifier(program, scene),
        'program with code': lambda: verifier(with_code, scene),
        'bare code term': lambda: verifier.code(SOURCE, scene),
    }
    return {name: calls[name] for name in VERIFICATIONS}


def code_term() -> Code:
    """The term in code that is timed."""
    return Code(
        name='to the plate', source=SOURCE, goal='plate.top', goal_offset=(0.0, 0.0, 0.12),
        obstacle='bottle',
    )


def measure(calls: int, verified: int) -> list[Timing]:
    """Times of all rewards and all verifications, so often."""
    policy = FlowPolicy.load(CHECKPOINT)
    observation, _ = demo_situation()
    step = denoising_step(policy, observation)
    with ProgramVerifier(deadline=60.0) as verifier:
        fast = time_in_turns(reward_calls(policy, observation, verifier), step, calls)
        slow = time_in_turns(verifications(observation.scene, verifier), step, verified)
    return [*fast, *slow]
