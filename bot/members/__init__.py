"""Preferences of members and servers, privacy, membership."""
