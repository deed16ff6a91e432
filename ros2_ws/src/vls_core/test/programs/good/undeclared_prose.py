def go_to_switch(keypoints, trajectory):
    """The end effector should end at the button of the switch."""
    b = keypoints["switch.button"]
    return -((trajectory[:, -1] - b).pow(2).sum(-1) + 1e-6).sqrt()
