"""Slash commands, one file a capability. Loaded by name, imported by nobody."""
