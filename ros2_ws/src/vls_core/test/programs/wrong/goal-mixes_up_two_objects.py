def between(keypoints, trajectory):
    """goal: plate"""
    wrong = 0.5 * (keypoints["plate"] + keypoints["bowl"])
    return -torch.norm(trajectory[:, -1] - wrong, dim=-1)
