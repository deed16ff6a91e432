def reach(keypoints, trajectory):
    """goal: mug"""
    d = torch.norm(trajectory[:, -1] - keypoints["mug"], dim=-1)
    if d.min() < 0.05:
        d = d * 0.0
    return -d
