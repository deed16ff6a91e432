def stage1_guidance(keypoints, trajectory):
    """Stage 1: approach the mug handle.

    goal: mug.handle + (0, 0, 0.03)
    """
    target = keypoints["mug.handle"] + torch.tensor([0.0, 0.0, 0.03])
    T = trajectory.shape[1]
    w = torch.ones(T)
    start_late = int(0.7 * T)
    sq = ((trajectory - target) ** 2).sum(dim=-1)
    early = sq[:, :start_late].mean(dim=1)
    late = sq[:, start_late:].mean(dim=1)
    return -(early + 3.0 * late) / 4.0
