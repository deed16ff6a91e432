def reach(keypoints, trajectory):
    """goal: mug"""
    d = torch.norm(trajectory[:, -1] - keypoints["mug"], dim=-1)
    return -d - 3.0
