def avoid_column(keypoints, trajectory):
    """The bottle is tall: keep 11 cm away from its axis, whatever the height.

    obstacle: bottle
    """
    horizontal = trajectory[:, 1:, :2] - keypoints["bottle"][:2]
    radius = torch.sqrt(horizontal.square().sum(dim=-1) + 1e-9)
    margin = 0.11
    depth = torch.clamp(margin - radius, min=0.0) / margin
    return -depth.amax(dim=-1)
