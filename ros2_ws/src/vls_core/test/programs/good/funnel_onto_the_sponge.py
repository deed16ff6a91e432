def funnel(keypoints, trajectory):
    """Come down onto the sponge from above: first over it, then down.

    goal: sponge.top
    """
    goal = keypoints["sponge.top"]
    offset = trajectory[:, 1:] - goal
    r2 = offset[..., 0] ** 2 + offset[..., 1] ** 2
    wanted_height = 0.10 * (1.0 - torch.exp(-r2 / 0.03 ** 2))
    dz = offset[..., 2] - wanted_height
    dist = torch.sqrt(r2 + dz ** 2 + 1e-6)
    return -dist.mean(dim=1)
