def grasp(keypoints, trajectory, gripper):
    """goal: red cube"""
    d = torch.norm(trajectory[:, 1:] - keypoints["red cube"], dim=-1)
    late = gripper[:, -4:].mean(dim=1)
    early = (1.0 - gripper[:, 1:-4]).mean(dim=1)
    return -d.mean(dim=1) - 0.03 * late - 0.02 * early
