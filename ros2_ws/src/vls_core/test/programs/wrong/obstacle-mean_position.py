def reward(keypoints, trajectory):
    """obstacle: bottle"""
    d = torch.sqrt(((trajectory.mean(1) - keypoints["bottle"]) ** 2).sum(-1) + 1e-6)
    return -torch.relu(0.15 - d)
