def r(keypoints, trajectory):
    """goal: bowl"""
    rel = (trajectory[:, -1] - keypoints["bowl"]) * 1000.0
    return -(rel ** 2).sum(dim=-1)
