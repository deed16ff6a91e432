"""What it costs to have reward programs verified, and to steer by them."""
