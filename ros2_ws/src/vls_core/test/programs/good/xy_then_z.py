def align_then_descend(keypoints, trajectory):
    """goal: red cube.top + (0, 0, 0.01)"""
    goal = keypoints["red cube.top"] + torch.tensor([0.0, 0.0, 0.01])
    xy = torch.norm(trajectory[:, 1:, :2] - goal[:2], dim=-1)
    z = (trajectory[:, 1:, 2] - goal[2]).abs()
    gate = torch.sigmoid((0.04 - xy) / 0.01)
    safe_z = torch.relu(goal[2] + 0.08 - trajectory[:, 1:, 2])
    return -(xy + gate * z + (1 - gate) * safe_z).mean(dim=1)
