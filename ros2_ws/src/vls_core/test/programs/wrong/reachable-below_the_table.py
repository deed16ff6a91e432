def reach(keypoints, trajectory):
    """goal: red cube - (0, 0, 0.15)"""
    goal = keypoints["red cube"] - torch.tensor([0.0, 0.0, 0.15])
    return -torch.norm(trajectory[:, 1:] - goal, dim=-1).mean(dim=1)
