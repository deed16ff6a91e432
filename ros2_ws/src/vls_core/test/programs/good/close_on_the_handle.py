def grasp_handle(keypoints, trajectory, gripper):
    """Reach the handle of the mug with open fingers, and close them once there.

    goal: mug.handle
    """
    d = torch.norm(trajectory[:, 1:] - keypoints["mug.handle"], dim=-1)
    near = torch.exp(-(d / 0.03) ** 2)
    g = gripper[:, 1:]
    wrong = near * g + (1.0 - near) * (1.0 - g)
    return -d.mean(dim=1) - 0.05 * wrong.mean(dim=1)
