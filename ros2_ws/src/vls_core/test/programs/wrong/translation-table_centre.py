def r(keypoints, trajectory):
    """goal: bowl"""
    d = torch.norm(trajectory[:, -1] - keypoints["bowl"], dim=-1)
    centre = torch.norm(trajectory[:, 1:, :2] - torch.tensor([0.5, 0.0]), dim=-1).mean(dim=1)
    return -d - 0.1 * centre
