def f(keypoints, trajectory, gripper):
    """goal: mug"""
    g = torch.sqrt(((trajectory - keypoints["mug"]) ** 2).sum(-1) + 1e-6).mean(1)
    o = torch.sqrt(((trajectory - keypoints["bottle"]) ** 2).sum(-1) + 1e-6).mean(1)
    s = ((gripper[:, 0] > 0.999) & (gripper[:, -1] > 0.999)).float()
    return -g * (1 - s) - s * o
