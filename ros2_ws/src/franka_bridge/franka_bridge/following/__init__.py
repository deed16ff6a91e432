"""Ways to make the arm follow references, one per file."""
