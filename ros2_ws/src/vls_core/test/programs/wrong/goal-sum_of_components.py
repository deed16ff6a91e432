def reward(keypoints, trajectory):
    """goal: mug"""
    e = trajectory - keypoints["mug"]
    return -e.sum(-1).abs().mean(1)
