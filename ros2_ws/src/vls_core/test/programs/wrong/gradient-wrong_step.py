def r(keypoints, trajectory):
    """goal: bowl"""
    return -torch.norm(trajectory[:, 0] - keypoints["bowl"], dim=-1) - 0.0 * trajectory[:, -1, 0]
