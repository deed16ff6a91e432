def reward(keypoints, trajectory, gripper):
    """goal: red cube"""
    d = torch.sqrt(((trajectory - keypoints["red cube"]) ** 2).sum(-1) + 1e-6)
    near = torch.exp(-d / 0.05)
    return -d.mean(1) - 0.3 * (near * (1 - gripper)).mean(1) - 0.3 * ((1 - near) * gripper).mean(1)
