"""Lists of films."""
