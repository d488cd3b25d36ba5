"""Text: escaping, numbers, countries."""
