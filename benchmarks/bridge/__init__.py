"""How well action chunks are turned into motion, on a simulated FR3 that enforces its limits."""
