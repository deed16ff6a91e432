"""Other ways to steer, under the same interface as ours; for comparison only."""
