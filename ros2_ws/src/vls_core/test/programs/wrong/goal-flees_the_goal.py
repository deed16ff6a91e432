def reach(keypoints, trajectory):
    """goal: mug.handle"""
    d = torch.norm(trajectory[:, -1] - keypoints["mug.handle"], dim=-1)
    return -1.0 / (1.0 + d)
