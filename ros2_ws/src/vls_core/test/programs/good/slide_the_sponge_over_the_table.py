def slide_sponge(keypoints, trajectory):
    """Slide to the middle of the plate's near side, keeping the height the hand has now.

    goal: plate + (-0.15, 0, 0.02)
    """
    target = keypoints["plate"] + torch.tensor([-0.15, 0.0, 0.02])
    remaining = (trajectory[:, -1] - target).norm(dim=-1)
    height_change = (trajectory[:, 1:, 2] - trajectory[:, :1, 2]).abs().mean(dim=1)
    return -remaining - 0.2 * height_change
