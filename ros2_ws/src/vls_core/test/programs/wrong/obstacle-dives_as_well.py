def reward(keypoints, trajectory):
    """obstacle: bottle"""
    e = trajectory - keypoints["bottle"]
    d = torch.sqrt((e ** 2).sum(-1) + 1e-6)
    return -torch.relu(0.15 - d).mean(1) - 0.5 * torch.relu(e[..., 2] + 0.05).mean(1)
