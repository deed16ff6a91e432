def reward(keypoints, trajectory):
    """goal: plate.top + (0, 0, 0.1)"""
    goal = keypoints["plate.top"] + torch.tensor([0, 0, 0.1])
    d = torch.linalg.norm(trajectory[:, 1:] - goal, dim=2)
    w = torch.linspace(0.2, 1.0, d.shape[1])
    return -(w * d).sum(dim=1) / w.sum()
