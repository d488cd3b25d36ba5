"""Slash commands, one file per feature. The client loads them by name; nothing imports them."""
