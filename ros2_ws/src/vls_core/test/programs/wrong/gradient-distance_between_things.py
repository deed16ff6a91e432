def stack(keypoints, trajectory):
    """goal: blue cube.top"""
    apart = torch.norm(keypoints["red cube"] - keypoints["blue cube"])
    return -apart + 0.0 * trajectory[:, -1, 0]
