def gentle(keypoints, trajectory):
    step = trajectory[:, 1:] - trajectory[:, :-1]
    return -(step[:, 1:] - step[:, :-1]).abs().sum(dim=-1).mean(dim=1)
