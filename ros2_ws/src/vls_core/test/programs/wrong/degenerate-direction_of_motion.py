def reach(keypoints, trajectory):
    """goal: plate"""
    step = trajectory[:, -1] - trajectory[:, -2]
    to_goal = keypoints["plate"] - trajectory[:, -2]
    cosine = (step * to_goal).sum(dim=-1) / (step.norm(dim=-1) * to_goal.norm(dim=-1))
    return -torch.norm(trajectory[:, -1] - keypoints["plate"], dim=-1) - 0.01 * (1.0 - cosine)
