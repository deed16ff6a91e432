"""One chunk for nothing, so that the first real one is as quick as the others.

The first call of a network and of its gradients costs several times a later one; on a robot that
would be the first chunk of the first task arriving too late (lerobot #2541).
"""

from __future__ import annotations

import numpy as np
import torch

from vls_core.control.fr3 import HOME_JOINT_POSITIONS
from vls_core.policies.base import FrozenPolicy
from vls_core.rewards.program import Avoid, Grasp, Grasped, Stage
from vls_core.rewards.stage_reward import StageReward
from vls_core.steering.config import SteeringConfig
from vls_core.steering.sampler import sample_steered
from vls_core.types import ObjectKind, Observation, RobotState, Scene, SceneObject

_PLACE = np.array([0.5, 0.0, 0.1])
_STAGE = Stage(
    name='warm up', terms=(Grasp(object='thing'), Avoid(object='thing')), completion=(Grasped(),)
)


def warm_up(policy: FrozenPolicy, config: SteeringConfig) -> None:
    """Samples one steered chunk in an imaginary scene and forgets it."""
    thing = SceneObject('thing', ObjectKind.GRASPABLE, _PLACE, np.full(3, 0.04))
    downward = np.array([1.0, 0.0, 0.0, 0.0])
    robot = RobotState(0.0, HOME_JOINT_POSITIONS, np.zeros(7), _PLACE + 0.1, downward, 0.08)
    scene = Scene(0.0, (thing,))
    observation = Observation(robot, scene, thing.name, thing.name)
    generator = torch.Generator().manual_seed(0)
    sample_steered(policy, observation, StageReward(_STAGE, scene, robot), config, generator)
