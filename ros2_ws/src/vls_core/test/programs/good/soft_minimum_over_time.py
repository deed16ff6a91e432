def pass_by(keypoints, trajectory):
    """At some time during the chunk, touch the bowl's rim height above its centre.

    goal: bowl.top
    """
    d = torch.norm(trajectory[:, 1:] - keypoints["bowl.top"], dim=-1)
    k = 30.0
    softmin = -torch.logsumexp(-k * d, dim=1) / k
    return -softmin
