def retract(keypoints, trajectory):
    """Get at least 15 cm away from the mug, upwards.

    goal: mug.top + (0, 0, 0.15)
    """
    mug = keypoints["mug.top"]
    distance = torch.norm(trajectory[:, -1] - mug, dim=-1)
    too_close = torch.relu(0.15 - distance)
    too_low = torch.relu(mug[2] + 0.15 - trajectory[:, -1, 2])
    return -(too_close + too_low)
