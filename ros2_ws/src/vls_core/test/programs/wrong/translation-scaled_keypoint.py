def reach(keypoints, trajectory):
    """goal: red cube"""
    return -torch.norm(trajectory[:, -1] - 1.05 * keypoints["red cube"], dim=-1)
