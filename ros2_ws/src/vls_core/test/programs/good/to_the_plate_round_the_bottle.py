def carry_to_plate(keypoints, trajectory):
    """Carry to 15 cm above the plate without coming near the bottle.

    goal: plate.top + (0, 0, 0.15)
    obstacle: bottle
    """
    above_plate = keypoints["plate.top"] + torch.tensor([0.0, 0.0, 0.15])
    to_goal = torch.norm(trajectory[:, 1:] - above_plate, dim=-1)
    progress = -(0.3 * to_goal.mean(dim=1) + 0.7 * to_goal[:, -1])

    to_bottle = torch.norm(trajectory[:, 1:, :2] - keypoints["bottle"][:2], dim=-1)
    clearance = torch.relu(0.10 - to_bottle)
    return progress - 4.0 * clearance.amax(dim=1)
