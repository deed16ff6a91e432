def reach(keypoints, trajectory):
    """goal: mug.handle"""
    d = torch.norm(trajectory[:, 1:] - keypoints["mug.handle"], dim=-1)
    return -torch.clamp(d, max=0.05).mean(dim=1)
