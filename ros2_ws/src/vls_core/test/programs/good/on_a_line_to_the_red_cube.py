def straight_to_cube(keypoints, trajectory):
    """Go to the red cube on a straight line from where the hand is.

    goal: red cube
    """
    start = trajectory[:, 0]
    way = keypoints["red cube"] - start
    direction = way / (way.norm(dim=-1, keepdim=True) + 1e-6)
    relative = trajectory[:, 1:] - start.unsqueeze(1)
    along = (relative * direction.unsqueeze(1)).sum(dim=-1, keepdim=True)
    sideways = (relative - along * direction.unsqueeze(1)).norm(dim=-1).mean(dim=1)
    missing = torch.norm(trajectory[:, -1] - keypoints["red cube"], dim=-1)
    return -missing - 0.3 * sideways
