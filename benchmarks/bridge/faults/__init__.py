"""Faults of everything around the arm, injected into the real bridge on the judge."""
