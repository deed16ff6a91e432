def reach(keypoints, trajectory):
    """goal: bowl"""
    return -torch.norm(trajectory[:, 0] - keypoints["bowl"], dim=-1)
