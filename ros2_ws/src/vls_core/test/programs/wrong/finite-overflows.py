def reach(keypoints, trajectory):
    """goal: mug"""
    d = torch.norm(trajectory[:, -1] - keypoints["mug"], dim=-1)
    return 1.0 - torch.exp(400.0 * d)
