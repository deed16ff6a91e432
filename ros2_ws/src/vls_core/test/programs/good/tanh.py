def r(keypoints, trajectory):
    """goal: bowl.top"""
    d = torch.norm(trajectory[:, 1:] - keypoints["bowl.top"], dim=-1)
    return -torch.tanh(2.0 * d).mean(dim=1)
