def take_the_kettle(keypoints, trajectory):
    """goal: kettle.handle"""
    return -torch.norm(trajectory[:, -1] - keypoints["kettle.spout"], dim=-1)
