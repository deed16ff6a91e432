def over_the_vase(keypoints, trajectory):
    """Pass over the vase with 15 cm to spare on the way to the plate.

    goal: plate.top
    """
    over = keypoints["vase.top"] + torch.tensor([0.0, 0.0, 0.15])
    goal = keypoints["plate.top"]
    to_over = torch.norm(trajectory[:, 1:] - over, dim=-1)
    nearest = to_over.min(dim=1).values
    final = torch.norm(trajectory[:, -1] - goal, dim=-1)
    return -(0.5 * nearest + final)
