def pick_then_lift(keypoints, trajectory, gripper):
    """First half: at the cube. Second half: up.
    goal: red cube + (0, 0, 0.15)
    """
    cube = keypoints["red cube"]
    half = trajectory.shape[1] // 2
    first = torch.norm(trajectory[:, 1:half] - cube, dim=-1).mean(dim=1)
    second = torch.norm(trajectory[:, -1] - cube - torch.tensor([0.0, 0.0, 0.15]), dim=-1)
    return -(0.5 * first + second)
