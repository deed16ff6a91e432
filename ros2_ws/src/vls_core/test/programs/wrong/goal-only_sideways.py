def lift_and_reach(keypoints, trajectory):
    """goal: mug.handle"""
    d = torch.norm(trajectory[:, -1] - keypoints["mug.handle"], dim=-1)
    start = torch.norm(trajectory[:, 0] - keypoints["mug.handle"], dim=-1)
    return -torch.relu(start + 0.2 - d)
