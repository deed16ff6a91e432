def strange(keypoints, trajectory):
    """Keep the distances to the mug and to the plate equal."""
    a = torch.norm(trajectory[:, 1:] - keypoints["mug"], dim=-1)
    b = torch.norm(trajectory[:, 1:] - keypoints["plate"], dim=-1)
    return -(a - b).abs().mean(dim=1)
