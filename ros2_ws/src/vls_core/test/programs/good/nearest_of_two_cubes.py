def go_to_any_cube(keypoints, trajectory):
    """Go to whichever cube is nearest.

    goal: red cube.top
    """
    end = trajectory[:, -1]
    candidates = torch.stack([keypoints["red cube.top"], keypoints["blue cube.top"]])
    d = torch.norm(end[:, None, :] - candidates[None, :, :], dim=-1)   # (B, 2)
    weights = torch.softmax(-10.0 * d, dim=-1)
    return -(weights * d).sum(dim=-1)
