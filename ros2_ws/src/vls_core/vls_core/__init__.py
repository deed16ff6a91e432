"""The VLS library: everything that can be used and tested without a middleware."""
