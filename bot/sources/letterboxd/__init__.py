"""Adapter to Letterboxd: the public RSS feed of a member."""
