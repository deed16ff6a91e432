def grasp(keypoints, trajectory, gripper):
    """goal: mug"""
    d = torch.norm(trajectory[:, 1:] - keypoints["mug"], dim=-1).mean(dim=1)
    return -d - 0.05 * (gripper[:, -1] - 40.0).abs()
