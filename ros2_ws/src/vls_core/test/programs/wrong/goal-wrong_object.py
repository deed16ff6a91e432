def reach_red_cube(keypoints, trajectory):
    """Bring the gripper to the red cube.

    goal: red cube
    """
    return -torch.norm(trajectory[:, 1:] - keypoints["blue cube"], dim=-1).mean(dim=1)
