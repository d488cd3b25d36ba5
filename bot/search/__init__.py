"""Title search in memory. Pure: no Discord, no SQL."""
