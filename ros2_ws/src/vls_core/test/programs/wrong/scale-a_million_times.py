def reach(keypoints, trajectory):
    """goal: mug"""
    return -1000000.0 * torch.norm(trajectory[:, 1:] - keypoints["mug"], dim=-1).mean(dim=1)
