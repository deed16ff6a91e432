def avoid(keypoints, trajectory):
    """obstacle: bottle"""
    d = torch.norm(trajectory[:, 1:] - keypoints["bottle"], dim=-1)
    barrier = torch.relu(1.0 / (d + 0.02) - 1.0 / 0.15)
    return -0.02 * barrier.mean(dim=1)
