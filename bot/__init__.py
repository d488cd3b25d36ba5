"""Marquee: film look-ups, reviews, picks and recommendations for Discord servers."""
