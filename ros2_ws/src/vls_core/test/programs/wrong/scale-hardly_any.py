def reach(keypoints, trajectory):
    """goal: mug"""
    return -0.00001 * torch.norm(trajectory[:, 1:] - keypoints["mug"], dim=-1).mean(dim=1)
