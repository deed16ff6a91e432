def r(keypoints, trajectory):
    """goal: bowl"""
    return 1.0 - torch.norm(trajectory[:, -1] - keypoints["bowl"], dim=-1)
