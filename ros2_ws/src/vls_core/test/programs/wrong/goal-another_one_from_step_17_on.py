def f(keypoints, trajectory):
    """goal: mug"""
    g = torch.sqrt(((trajectory - keypoints["mug"]) ** 2).sum(-1) + 1e-6).mean(1)
    o = torch.sqrt(((trajectory - keypoints["bottle"]) ** 2).sum(-1) + 1e-6).mean(1)
    tail = trajectory[:, 17:]
    extra = torch.sqrt(((tail - keypoints["bottle"]) ** 2).sum(-1) + 1e-6).sum(1)
    return -g - 10 * extra
