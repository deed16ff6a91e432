def f(keypoints, trajectory):
    """obstacle: bottle"""
    d = torch.sqrt(((trajectory - keypoints["bottle"]) ** 2).sum(-1) + 1e-6)
    g = torch.sqrt(((trajectory - keypoints["mug"]) ** 2).sum(-1) + 1e-6).mean(1)
    return -torch.relu(0.15 - d).mean(1) - g
