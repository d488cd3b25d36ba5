"""Alembic's entry point for its own command line; `bot.core.database.migrate` runs migrations without it."""
