def r(keypoints, trajectory):
    """obstacle: vase"""
    d = torch.norm(trajectory[:, 1:] - keypoints["vase"], dim=-1)
    return -torch.relu(d - 0.15).amax(dim=1)
