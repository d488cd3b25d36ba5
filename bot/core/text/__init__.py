"""Text: formatting, numbers, countries."""
