def r(keypoints, trajectory):
    """goal: bowl"""
    rel = trajectory[:, -1] - keypoints["bowl"]
    return -torch.where(rel > 0.0, rel * 0.0 + 1.0, rel * 0.0 + 0.5).sum(dim=-1)
