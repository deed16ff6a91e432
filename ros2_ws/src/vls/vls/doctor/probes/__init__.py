"""Programs that try one thing and print what came of it as one line of JSON."""
