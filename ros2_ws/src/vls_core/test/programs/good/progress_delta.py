def progress(keypoints, trajectory):
    """goal: bowl"""
    g = keypoints["bowl"]
    start = torch.norm(trajectory[:, 0] - g, dim=-1)
    end = torch.norm(trajectory[:, -1] - g, dim=-1)
    return -end / (start + 0.1)
