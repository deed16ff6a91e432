def reach(keypoints, trajectory):
    """goal: mug.handle"""
    d = torch.norm(trajectory[:, -1] - keypoints["mug.handle"], dim=-1)
    return -d - 0.001 * torch.log(d).abs() * d
