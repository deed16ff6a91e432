def reach(keypoints, trajectory):
    """goal: plate + (0.9, 0, 0.1)"""
    goal = keypoints["plate"] + torch.tensor([0.9, 0.0, 0.1])
    return -torch.norm(trajectory[:, 1:] - goal, dim=-1).mean(dim=1)
