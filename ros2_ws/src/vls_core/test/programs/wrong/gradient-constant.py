def nothing(keypoints, trajectory):
    """goal: mug"""
    return 0.0 * trajectory[:, 0, 0] - 1.0
