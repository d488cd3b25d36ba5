"""Title look-up in memory."""
