"""Fonts, charts and title cards."""
