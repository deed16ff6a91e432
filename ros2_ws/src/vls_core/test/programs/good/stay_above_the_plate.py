def stay_high(keypoints, trajectory):
    """Do not go lower than 12 cm above the plate.

    goal: plate.top + (0, 0, 0.12)
    """
    lowest = keypoints["plate.top"][2] + 0.12
    below = torch.relu(lowest - trajectory[:, 1:, 2])
    return -below.mean(dim=1)
