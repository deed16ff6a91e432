"""Bringup of the VLS stack: the node table, the process runner and the `vls` command."""
