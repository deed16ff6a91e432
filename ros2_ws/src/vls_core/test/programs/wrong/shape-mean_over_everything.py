def reach(keypoints, trajectory):
    """goal: mug"""
    return -torch.norm(trajectory - keypoints["mug"], dim=-1).mean()
