def f(keypoints, trajectory):
    """goal: mug"""
    g = torch.sqrt(((trajectory - keypoints["mug"]) ** 2).sum(-1) + 1e-6).mean(1)
    o = torch.sqrt(((trajectory - keypoints["bottle"]) ** 2).sum(-1) + 1e-6).mean(1)
    s = min(1, abs(trajectory.shape[1] - 17))
    return -(1 - s) * g - s * o
