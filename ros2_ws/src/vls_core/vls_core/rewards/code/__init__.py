"""Rewards written as code: a closed subset of Python, compiled without exec, run in a sandbox."""
