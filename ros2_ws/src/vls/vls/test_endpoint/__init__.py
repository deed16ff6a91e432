"""An OpenAI-compatible endpoint for tests: rules instead of a model, and faults on command."""
