"""Recommendations for one member, for a group, and films similar to one."""
