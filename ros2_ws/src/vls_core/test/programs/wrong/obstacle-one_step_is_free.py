def f(keypoints, trajectory):
    """obstacle: bottle"""
    d = torch.sqrt(((trajectory - keypoints["bottle"]) ** 2).sum(-1) + 1e-6)
    return -torch.relu(0.15 - d).mean(1) + torch.relu(0.15 - d[:, 3]) * 0.05
