def push_from_the_right(keypoints, trajectory):
    """Stand to the right of the sponge.

    goal: sponge + (0, -0.1, 0)
    """
    target = keypoints["sponge"] + torch.tensor([0.0, 0.1, 0.0])
    return -torch.norm(trajectory[:, -1] - target, dim=-1)
