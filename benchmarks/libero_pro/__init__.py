"""LIBERO-PRO: a frozen policy under shifted scenes, steered and not; needs `make setup-libero`."""
