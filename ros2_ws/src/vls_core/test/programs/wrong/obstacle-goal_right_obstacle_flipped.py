def carry(keypoints, trajectory):
    """goal: plate.top + (0, 0, 0.15)
    obstacle: bottle
    """
    goal = keypoints["plate.top"] + torch.tensor([0.0, 0.0, 0.15])
    d = torch.norm(trajectory[:, -1] - goal, dim=-1)
    near = torch.norm(trajectory[:, 1:] - keypoints["bottle"], dim=-1).min(dim=1).values
    return -d - 0.3 * torch.relu(near - 0.1)
