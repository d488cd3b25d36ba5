"""The marquee as members and moderators see it."""
