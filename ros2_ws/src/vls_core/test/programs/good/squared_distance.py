def reward(keypoints, trajectory):
    """goal: sponge"""
    offset = trajectory[:, -1, :] - keypoints["sponge"]
    return -(offset ** 2).sum(dim=-1)
