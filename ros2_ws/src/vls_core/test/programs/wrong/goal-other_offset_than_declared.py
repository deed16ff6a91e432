def hover(keypoints, trajectory):
    """goal: bowl.top + (0, 0, 0.05)"""
    target = keypoints["bowl.top"] + torch.tensor([0.0, 0.0, 0.25])
    return -torch.norm(trajectory[:, 1:] - target, dim=-1).mean(dim=1)
