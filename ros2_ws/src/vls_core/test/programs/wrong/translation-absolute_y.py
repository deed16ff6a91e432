def r(keypoints, trajectory):
    """goal: plate"""
    g = keypoints["plate"]
    x = (trajectory[:, -1, 0] - g[0]).abs()
    y = (trajectory[:, -1, 1] - 0.34).abs()
    return -(x + y)
