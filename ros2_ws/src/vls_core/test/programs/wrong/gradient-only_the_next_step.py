def reach(keypoints, trajectory):
    """goal: bowl"""
    return -torch.norm(trajectory[:, 1] - keypoints["bowl"], dim=-1)
