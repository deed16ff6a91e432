def reach(keypoints, trajectory):
    """goal: mug.handle"""
    d2 = ((trajectory[:, -1] - keypoints["mug.handle"]) ** 2).sum(dim=-1)
    return torch.exp(-d2 / 0.0005) - 1.0
