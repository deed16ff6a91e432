def reach(keypoints, trajectory):
    """goal: red cube.top"""
    return -torch.norm(trajectory[:, 1:] - keypoints["red_cube.top"], dim=-1).mean(dim=1)
