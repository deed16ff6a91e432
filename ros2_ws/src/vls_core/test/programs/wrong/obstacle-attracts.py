def avoid(keypoints, trajectory):
    """obstacle: bottle"""
    d = torch.norm(trajectory[:, 1:] - keypoints["bottle"], dim=-1)
    return -torch.relu(d - 0.12).mean(dim=1)
