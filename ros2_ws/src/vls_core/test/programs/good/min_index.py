def reward(keypoints, trajectory):
    """goal: sponge.top"""
    d = torch.norm(trajectory - keypoints["sponge.top"], dim=-1)
    return -torch.min(d, dim=1)[0]
