def hover(keypoints, trajectory):
    """Hover 20 cm above the bowl and stand still there.

    goal: bowl + (0.0, 0.0, 0.2)
    """
    p = keypoints["bowl"] + torch.tensor([0.0, 0.0, 0.2])
    d = torch.sqrt(((trajectory[:, 1:] - p) ** 2).sum(-1) + 1e-6)
    velocity = trajectory[:, 1:] - trajectory[:, :-1]
    half = velocity.shape[1] // 2
    restless = velocity[:, half:].norm(dim=-1).mean(dim=1)
    return -d.mean(dim=1) - 0.5 * restless
