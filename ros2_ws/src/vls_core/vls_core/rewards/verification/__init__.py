"""Whether a reward program does what it says: checked by numbers, before it may move anything."""
