def avoid(keypoints, trajectory):
    """obstacle: bottle"""
    d = torch.norm(trajectory[:, -1] - keypoints["bottle"], dim=-1)
    return -torch.relu(0.15 - d)
