def f(keypoints, trajectory):
    """goal: mug"""
    g = torch.sqrt(((trajectory - keypoints["mug"]) ** 2).sum(-1) + 1e-6).mean(1)
    o = torch.sqrt(((trajectory - keypoints["bottle"]) ** 2).sum(-1) + 1e-6).mean(1)
    s = torch.sin(6283.185 * g) / 6283.185
    return -g + 3 * s
