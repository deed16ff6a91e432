def reach_above_cube(keypoints, trajectory):
    """Bring the gripper 10 cm above the red cube.

    goal: red cube.top + (0, 0, 0.1)
    """
    target = keypoints["red cube.top"] + torch.tensor([0.0, 0.0, 0.1])
    distance = torch.norm(trajectory[:, 1:] - target, dim=-1)
    return -distance.mean(dim=1)
