def avoid_all(keypoints, trajectory):
    """goal: blue cube.top + (0, 0, 0.05)
    obstacle: vase"""
    goal = keypoints["blue cube.top"] + torch.tensor([0.0, 0.0, 0.05])
    reward = -torch.norm(trajectory[:, -1] - goal, dim=-1)
    for_vase = torch.norm(trajectory[:, 1:] - keypoints["vase"], dim=-1)
    for_bottle = torch.norm(trajectory[:, 1:] - keypoints["bottle"], dim=-1)
    reward = reward - 2.0 * torch.relu(0.1 - for_vase).max(dim=1)[0]
    reward = reward - 2.0 * torch.relu(0.1 - for_bottle).max(dim=1)[0]
    return reward
