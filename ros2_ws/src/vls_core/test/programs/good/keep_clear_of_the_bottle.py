def avoid_bottle(keypoints, trajectory, gripper):
    """Stay 12 cm away from the bottle at every step; the worst step counts most.

    obstacle: bottle
    """
    d = torch.linalg.norm(trajectory[:, 1:] - keypoints["bottle"], dim=-1)
    violation = torch.relu(0.12 - d)
    return -(0.5 * violation.mean(dim=1) + violation.max(dim=1).values)
