"""Chunk timing, limits, envelope and watchdog; no torch in here."""
