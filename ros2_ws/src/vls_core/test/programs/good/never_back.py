def move_forward_only(keypoints, trajectory):
    """Move to behind the blue cube (further from the robot) without going back in between.

    goal: blue cube + (0.12, 0, 0.03)
    """
    goal = keypoints["blue cube"] + torch.tensor([0.12, 0.0, 0.03])
    toward = -torch.norm(trajectory[:, 1:] - goal, dim=-1)      # grows on the way
    best_so_far = torch.cummax(toward, dim=1).values
    backtrack = (best_so_far - toward).mean(dim=1)
    return toward[:, -1] - 0.5 * backtrack
