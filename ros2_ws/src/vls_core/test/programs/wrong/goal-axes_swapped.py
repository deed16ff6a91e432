def r(keypoints, trajectory):
    """goal: bowl"""
    g = keypoints["bowl"]
    swapped = torch.stack([g[1], g[0], g[2]])
    return -torch.norm(trajectory[:, -1] - swapped, dim=-1)
