"""From camera pictures to named objects and keypoints."""
