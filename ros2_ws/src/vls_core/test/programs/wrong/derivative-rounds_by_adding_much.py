def f(keypoints, trajectory):
    """goal: mug"""
    g = torch.sqrt(((trajectory - keypoints["mug"]) ** 2).sum(-1) + 1e-6).mean(1)
    o = torch.sqrt(((trajectory - keypoints["bottle"]) ** 2).sum(-1) + 1e-6).mean(1)
    m = (g * 100 + 12582912.0) - 12582912.0
    return -m / 100
