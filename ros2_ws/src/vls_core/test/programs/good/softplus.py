def avoid(keypoints, trajectory):
    """obstacle: vase"""
    d = torch.norm(trajectory[:, 1:] - keypoints["vase"], dim=-1)
    return -torch.nn.functional.softplus(30.0 * (0.12 - d)).mean(dim=1) / 30.0
