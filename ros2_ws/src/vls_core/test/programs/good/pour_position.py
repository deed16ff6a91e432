def above_bowl_edge(keypoints, trajectory):
    """Bring the hand beside and above the bowl, as for pouring into it; approach from high up.

    goal: bowl.top + (0, 0.08, 0.18)
    """
    goal = keypoints["bowl.top"] + torch.tensor([0.0, 0.08, 0.18])
    difference = trajectory[:, 1:] - goal
    horizontal = difference[..., :2].norm(dim=-1)
    vertical = difference[..., 2].abs()
    too_low = torch.relu(goal[2] - trajectory[:, 1:, 2])
    return -(horizontal + 0.5 * vertical + too_low).mean(dim=1)
