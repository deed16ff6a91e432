def gentle(keypoints, trajectory):
    """No abrupt changes of velocity."""
    velocity = trajectory[:, 1:] - trajectory[:, :-1]
    change = velocity[:, 1:] - velocity[:, :-1]
    return -torch.sqrt(change.square().sum(dim=-1) + 1e-8).mean(dim=1)
