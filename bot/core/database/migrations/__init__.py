"""Alembic migrations, run by `bot.core.database.migrate` at start."""
