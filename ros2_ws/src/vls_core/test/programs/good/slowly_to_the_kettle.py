def slow_approach(keypoints, trajectory):
    """Go to the handle of the kettle, slowly when close to it.

    goal: kettle.handle
    """
    handle = keypoints["kettle.handle"]
    d = torch.norm(trajectory[:, 1:] - handle, dim=-1)
    speed = torch.norm(trajectory[:, 1:] - trajectory[:, :-1], dim=-1)
    near = torch.sigmoid((0.10 - d) / 0.02)
    too_fast = torch.relu(speed - 0.01) * near
    return -d.mean(dim=1) - 2.0 * too_fast.mean(dim=1)
