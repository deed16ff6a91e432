def avoid_tall(keypoints, trajectory):
    """obstacle: bottle"""
    rel = trajectory[:, 1:] - keypoints["bottle"]
    scale = torch.tensor([1.0, 1.0, 0.4])
    d = torch.sqrt(((rel * scale) ** 2).sum(dim=-1) + 1e-8)
    return -torch.clamp(0.1 - d, min=0.0).sum(dim=1)
