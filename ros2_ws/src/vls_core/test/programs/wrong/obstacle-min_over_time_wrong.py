def r(keypoints, trajectory):
    """obstacle: vase"""
    d = torch.norm(trajectory[:, 1:] - keypoints["vase"], dim=-1)
    return -torch.relu(0.15 - d.amax(dim=1))
