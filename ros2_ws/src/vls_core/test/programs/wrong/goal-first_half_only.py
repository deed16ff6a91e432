def reward(keypoints, trajectory):
    """goal: mug"""
    d = torch.sqrt(((trajectory - keypoints["mug"]) ** 2).sum(-1) + 1e-6)
    return -d[:, :8].mean(1)
