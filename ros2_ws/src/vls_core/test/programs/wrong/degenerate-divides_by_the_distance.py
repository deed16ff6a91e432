def reach(keypoints, trajectory):
    """goal: mug.handle"""
    offset = trajectory[:, -1] - keypoints["mug.handle"]
    d = offset.abs().sum(dim=-1)
    return -(offset.square().sum(dim=-1) / d)
