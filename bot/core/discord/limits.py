"""Discord's limits that more than one feature has to keep."""

FIELD_LIMIT = 1_024
"""Characters of an embed field's value."""
MENU_OPTIONS_LIMIT = 25
"""Options of one menu."""
