def stay_away(keypoints, trajectory):
    """Do not touch the vase."""
    d = torch.norm(trajectory - keypoints["vase"], dim=-1)
    return -torch.relu(0.15 - d).mean(dim=1)
