def reach(keypoints, trajectory):
    """goal: mug"""
    d = torch.norm(trajectory[:, -1] - keypoints["mug"], dim=-1)
    return torch.where(d < 0.05, 0.0 * d, 0.0 * d - 1.0)
