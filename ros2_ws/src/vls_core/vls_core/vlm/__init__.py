"""Reward authors: language models and offline rules."""
