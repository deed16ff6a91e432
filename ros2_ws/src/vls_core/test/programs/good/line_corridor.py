def corridor(keypoints, trajectory):
    """Stay in a corridor from the mug to the plate and end at the plate.
    goal: plate
    """
    a = keypoints["mug"]
    b = keypoints["plate"]
    ab = b - a
    t = ((trajectory[:, 1:] - a) * ab).sum(dim=-1) / (ab.square().sum() + 1e-6)
    t = torch.clamp(t, 0.0, 1.0)
    closest = a + t.unsqueeze(-1) * ab
    off = torch.norm(trajectory[:, 1:] - closest, dim=-1)
    end = torch.norm(trajectory[:, -1] - b, dim=-1)
    return -end - 0.5 * torch.relu(off - 0.05).mean(dim=1)
