def f(keypoints, trajectory):
    """goal: mug"""
    g = torch.sqrt(((trajectory - keypoints["mug"]) ** 2).sum(-1) + 1e-6).mean(1)
    o = torch.sqrt(((trajectory - keypoints["bottle"]) ** 2).sum(-1) + 1e-6).mean(1)
    one = torch.ones_like(g)
    double = ((one + 0.00000001) - one > 0)
    return torch.where(double, -g, -g + 3 * ((30000000.0 - o) - 30000000.0))
