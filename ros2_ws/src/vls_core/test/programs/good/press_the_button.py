def press_button(keypoints, trajectory, gripper):
    """Press the button of the switch from above with closed fingers.

    goal: switch.button
    """
    button = keypoints["switch.button"]
    xy = torch.norm(trajectory[:, 1:, :2] - button[:2], dim=-1)
    z = torch.abs(trajectory[:, 1:, 2] - button[2])
    centred = torch.exp(-(xy / 0.05) ** 2)
    descend = centred * z + (1 - centred) * torch.abs(trajectory[:, 1:, 2] - button[2] - 0.08)
    closed = gripper[:, 1:].mean(dim=1)
    return -(2.0 * xy + descend).mean(dim=1) - 0.02 * closed
