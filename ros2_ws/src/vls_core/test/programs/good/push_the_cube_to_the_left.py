def push_left(keypoints, trajectory):
    """Make contact at the right side of the red cube first, then push it 10 cm to the left (+y).

    goal: red cube + (0, 0.06, 0)
    """
    cube = keypoints["red cube"]
    contact_point = cube + torch.tensor([0.0, -0.04, 0.0])
    end_point = cube + torch.tensor([0.0, 0.06, 0.0])

    horizon = trajectory.shape[1]
    first = max(1, horizon // 5)
    contact = torch.norm(trajectory[:, 1:1 + first] - contact_point, dim=-1).mean(dim=1)
    finish = torch.norm(trajectory[:, -1] - end_point, dim=-1)
    return -(0.3 * contact + finish)
