def reach_with_huber(keypoints, trajectory):
    """goal: kettle.spout + (0, 0, 0.05)"""
    target = keypoints["kettle.spout"] + torch.tensor([0.0, 0.0, 0.05])
    reward = 0.0
    for step in range(1, 4):
        error = trajectory[:, -step] - target
        d = torch.sqrt((error * error).sum(dim=-1) + 0.01 ** 2) - 0.01
        reward = reward - d / 3.0
    return reward
