import numpy as np
import torch

from benchmarks.steering.planar import HEIGHT, STEP_DURATION
from vls_core.trajectory import Trajectory


def plans(paths):
    """Paths (B, H + 1, 2) in the plane as plans."""
    plane = torch.as_tensor(np.asarray(paths), dtype=torch.float32)
    height = torch.full((*plane.shape[:2], 1), HEIGHT)
    return Trajectory(torch.cat([plane, height], -1), torch.ones(plane.shape[:2]), STEP_DURATION)
