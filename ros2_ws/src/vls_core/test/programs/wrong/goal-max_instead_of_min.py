def r(keypoints, trajectory):
    """goal: bowl"""
    d = torch.norm(trajectory[:, -1] - keypoints["bowl"], dim=-1)
    return torch.clamp(d, max=0.6) - 0.6
