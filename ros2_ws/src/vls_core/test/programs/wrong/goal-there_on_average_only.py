def reward(keypoints, trajectory):
    """goal: mug"""
    e = trajectory.mean(dim=1) - keypoints["mug"]
    return -torch.sqrt((e ** 2).sum(-1) + 1e-6)
