def r(keypoints, trajectory):
    """goal: bowl"""
    return -(trajectory[:, -1] - keypoints["bowl"]).abs().sum(dim=-1)
