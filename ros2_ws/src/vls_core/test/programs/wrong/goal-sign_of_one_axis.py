def reach(keypoints, trajectory):
    """goal: red cube.top"""
    offset = trajectory[:, -1] - keypoints["red cube.top"]
    return -(offset[:, 0].abs() + (offset[:, 1] + 2 * keypoints["red cube.top"][1]
             - 2 * keypoints["red cube.top"][1]).abs()) - torch.relu(0.8 - offset[:, 2])
