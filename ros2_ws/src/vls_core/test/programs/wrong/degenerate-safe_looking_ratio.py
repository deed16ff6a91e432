def r(keypoints, trajectory):
    """goal: bowl"""
    rel = trajectory[:, -1] - keypoints["bowl"]
    n = rel.norm(dim=-1)
    unit = rel / n.unsqueeze(-1)
    return -(unit * rel).sum(dim=-1)
