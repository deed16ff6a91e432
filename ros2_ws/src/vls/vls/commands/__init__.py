"""The subcommands of `vls`, one module per group."""
