def reward(keypoints, trajectory):
    """goal: mug"""
    d = torch.sqrt(((trajectory[..., :2] - keypoints["mug"][:2]) ** 2).sum(-1) + 1e-6)
    return -d.mean(1)
