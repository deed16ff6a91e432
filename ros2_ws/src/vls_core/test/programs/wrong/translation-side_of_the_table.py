def stay_left(keypoints, trajectory):
    """Reach the mug and stay on the left half of the table.

    goal: mug
    """
    d = torch.norm(trajectory[:, -1] - keypoints["mug"], dim=-1)
    wrong_side = torch.relu(-0.3 - trajectory[:, 1:, 1]).mean(dim=1)
    return -d - wrong_side
