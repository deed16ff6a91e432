def repel_from_vase(keypoints, trajectory):
    """
    - obstacle: vase
    """
    gap = trajectory - keypoints["vase"]
    squared = gap.square().sum(-1)
    return -torch.exp(-squared / (2 * 0.08 ** 2)).mean(dim=1)
