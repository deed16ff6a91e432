def retreat(keypoints, trajectory):
    """goal: plate.top + (0, 0, 0.2)"""
    z = trajectory[:, 1:, 2]
    want = keypoints["plate.top"][2] + 0.2
    side = torch.norm(trajectory[:, 1:, :2] - keypoints["plate.top"][:2], dim=-1)
    return -(torch.relu(want - z) + 0.3 * torch.relu(side - 0.05)).mean(dim=1)
