def reward(keypoints, trajectory):
    """goal: mug"""
    e = trajectory[:, -1] - keypoints["mug"]
    return -e[:, 0].abs() - 0.001 * torch.sqrt((e ** 2).sum(-1) + 1e-6)
