def avoid(keypoints, trajectory):
    """obstacle: vase"""
    d = torch.norm(trajectory[:, 1:] - keypoints["vase"], dim=-1)
    return -(2.0 - d).clamp(min=0.0).mean(dim=1)
