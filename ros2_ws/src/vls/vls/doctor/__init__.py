"""What `vls doctor` looks at before a robot is moved."""
