def reach(keypoints, trajectory):
    """goal: mug.handle"""
    return torch.norm(trajectory[:, 1:] - keypoints["mug.handle"], dim=-1).mean(dim=1)
