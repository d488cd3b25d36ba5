"""Featured picks: queue, series, rotation, announcements, suggestions."""
