def reach(keypoints, trajectory):
    """goal: mug"""
    d = torch.norm(trajectory[:, -1] - keypoints["mug"], dim=-1)
    steps = 0.0
    for index in range(1, 20):
        steps = steps + (d > 0.05 * index).float()
    return -0.05 * steps
