def r(keypoints, trajectory):
    """goal: bowl.top"""
    d = torch.norm(trajectory[:, -1] - keypoints["bowl.top"], dim=-1)
    return torch.exp(-3.0 * d) - 1.0
