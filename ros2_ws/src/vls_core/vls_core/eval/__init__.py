"""Episodes, statistics and baselines."""
