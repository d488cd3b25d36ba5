"""Alembic's entry point for its own command line; `bot.storage.migrate` runs migrations without it."""
