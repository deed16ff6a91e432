def approach_mug_handle(keypoints, trajectory):
    """
    Goal: `mug.handle`
    """
    handle = keypoints["mug.handle"]
    distances = (trajectory - handle).norm(dim=-1)      # (B, T + 1)
    steps = distances.shape[1]
    weights = torch.ones(steps)
    late = torch.arange(steps) >= 0.7 * steps
    weights = torch.where(late, 3.0 * weights, weights)
    weights = weights / weights.sum()
    return -(distances * weights).sum(dim=1)
