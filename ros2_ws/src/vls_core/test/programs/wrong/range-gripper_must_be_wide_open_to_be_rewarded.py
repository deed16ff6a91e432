def reach_open(keypoints, trajectory, gripper):
    """goal: mug"""
    d = torch.norm(trajectory[:, -1] - keypoints["mug"], dim=-1)
    return -d + gripper[:, 1:].mean(dim=1)
