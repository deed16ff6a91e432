def avoid_clutter(keypoints, trajectory):
    """Keep away from the bottle and the vase alike.

    obstacle: bottle
    """
    things = torch.stack([keypoints["bottle"], keypoints["vase"], keypoints["bottle.top"]])
    d = torch.norm(trajectory[:, 1:, None, :] - things, dim=-1)       # (B, T, 3)
    hit = torch.nn.functional.softplus((0.10 - d) * 80.0) / 80.0
    return -hit.sum(dim=-1).mean(dim=1)
