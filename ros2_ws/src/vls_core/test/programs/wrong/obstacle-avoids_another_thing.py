def avoid(keypoints, trajectory):
    """obstacle: bottle"""
    d = torch.norm(trajectory[:, 1:] - keypoints["vase"], dim=-1)
    return -torch.relu(0.12 - d).amax(dim=1)
