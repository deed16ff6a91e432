def r(keypoints, trajectory):
    """goal: kettle.handle"""
    d = torch.norm(trajectory[:, 1:] - keypoints["kettle.handle"], dim=-1)
    acc = trajectory[:, 2:] - 2 * trajectory[:, 1:-1] + trajectory[:, :-2]
    return -d.mean(dim=1) - 0.5 * acc.norm(dim=-1).mean(dim=1)
