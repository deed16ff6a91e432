def release_on_plate(keypoints, trajectory, gripper):
    """Lower onto the plate and let go at the end.

    goal: plate.top + (0, 0, 0.03)
    """
    goal = keypoints["plate.top"] + torch.tensor([0.0, 0.0, 0.03])
    reach = torch.norm(trajectory[:, -1] - goal, dim=-1)
    still_closed = (1.0 - gripper[:, -1]).clamp(min=0.0)
    return -(reach + 0.03 * still_closed)
