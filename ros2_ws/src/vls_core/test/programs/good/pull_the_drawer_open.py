def pull_drawer(keypoints, trajectory, gripper):
    """Hold the handle, pull it 12 cm towards the robot, in a straight line.

    goal: drawer.handle - (0.12, 0, 0)
    """
    handle = keypoints["drawer.handle"]
    target = handle - torch.tensor([0.12, 0.0, 0.0])
    open_error = (trajectory[:, -1] - target).norm(dim=-1)
    sideways = (trajectory[:, 1:, 1:] - handle[1:]).norm(dim=-1).mean(dim=1)
    grip = gripper[:, 1:].mean(dim=1)
    return -open_error - 0.5 * sideways - 0.05 * grip
