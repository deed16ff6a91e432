def press_switch(keypoints, trajectory):
    """goal: switch.button"""
    switch = torch.tensor([0.72, 0.42, 0.10])
    return -torch.norm(trajectory[:, 1:] - switch, dim=-1).mean(dim=1)
