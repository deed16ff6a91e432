def between(keypoints, trajectory):
    """Go to a spot 10 cm to the right of the mug
    goal: mug + (0, -0.1, 0)"""
    spot = keypoints["mug"] + torch.tensor([0.0, -0.10, 0.0])
    err = trajectory[:, -3:] - spot
    return -err.norm(dim=-1).mean(dim=-1)
