def reward(keypoints, trajectory, gripper):
    """goal: red cube"""
    d = torch.sqrt(((trajectory - keypoints["red cube"]) ** 2).sum(-1) + 1e-6)
    return -d.mean(1) - 0.5 * gripper.mean(1)
