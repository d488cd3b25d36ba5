"""Table of named values about the database itself."""

from sqlalchemy import Column, String, Table, Text

from bot.core.database.columns import metadata

key_values = Table(
    "key_values",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("value", Text, nullable=False),
)
