def r(keypoints, trajectory):
    """goal: bowl"""
    return -(trajectory[:, -1] * keypoints["bowl"]).sum(dim=-1)
