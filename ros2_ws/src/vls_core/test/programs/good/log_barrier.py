def avoid(keypoints, trajectory):
    """Keep at least 10 cm from the bottle.
    obstacle: bottle"""
    d = torch.norm(trajectory[:, 1:] - keypoints["bottle"], dim=-1).clamp(min=0.01)
    return -torch.relu(torch.log(0.1 / d)).mean(dim=1) * 0.1
