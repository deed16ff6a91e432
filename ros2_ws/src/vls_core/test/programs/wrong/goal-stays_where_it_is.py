def r(keypoints, trajectory):
    """goal: bowl"""
    moved = torch.norm(trajectory[:, -1] - trajectory[:, 0], dim=-1)
    return -moved - 0.001 * torch.norm(trajectory[:, -1] - keypoints["bowl"], dim=-1)
