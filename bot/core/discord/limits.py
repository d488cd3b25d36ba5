"""Discord's limits that more than one feature has to keep."""

FIELD_LIMIT = 1_024
"""Characters of an embed field's value."""
FILE_SIZE_LIMIT = 9_500_000
"""Bytes of a message's files that fit everywhere."""
MENU_OPTIONS_LIMIT = 25
"""Options of one menu."""
