"""New databases have the tables that the code declares, and get them once."""

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.sql.schema import Table

from bot.core.database import migrate
from bot.core.database.columns import metadata
from bot.core.database.engine import Database
from bot.core.database.key_value import KeyValueRepository
from bot.core.database.migrations.run import script_directory
from bot.core.errors import StorageUnavailableError


async def test_migrations_lead_to_the_schema(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection), metadata)

    async with database.read() as connection:
        assert await connection.run_sync(differences) == []


@pytest.mark.postgres
async def test_names_follow_the_convention_on_postgresql(postgres_url: str) -> None:
    """SQLite keeps the names of constraints in the definitions of the tables, where renaming leaves them."""
    database = await Database.open(postgres_url)
    async with database.read() as connection:
        constraints = await connection.execute(
            text(
                "SELECT conrelid::regclass::text, conname FROM pg_constraint"
                " WHERE contype IN ('p', 'f', 'u', 'c') AND connamespace = 'public'::regnamespace"
            )
        )
        stored = {(table, name) for table, name in constraints if table != "alembic_version"}
        indexes = (await connection.execute(text("SELECT indexname FROM pg_indexes"))).scalars().all()
        sequences = (await connection.execute(text("SELECT sequencename FROM pg_sequences"))).scalars().all()
    await database.close()
    tables = metadata.sorted_tables
    named = {(table.name, str(each.name)) for table in tables for each in table.constraints if each.name}
    assert stored == named
    assert {index.name for table in tables for index in table.indexes} <= set(indexes)
    assert set(sequences) == {f"{table.name}_id_seq" for table in tables if _is_numbered(table)}


def _is_numbered(table: Table) -> bool:
    return table.autoincrement_column is not None and table.autoincrement_column.name == "id"


async def test_opening_again_keeps_what_is_there(empty_database_url: str) -> None:
    for expected in (None, "kept"):
        database = await Database.open(empty_database_url)
        assert await KeyValueRepository(database).get("name") == expected
        await KeyValueRepository(database).set("name", "kept")
        await database.close()


async def test_several_processes_may_migrate_at_once(empty_database_url: str) -> None:
    databases = await asyncio.gather(*(Database.open(empty_database_url) for _ in range(4)))
    for database in databases:
        assert await KeyValueRepository(database).get("anything") is None
        await database.close()


def test_the_highest_number_is_the_last_migration() -> None:
    assert script_directory(migrate.MIGRATIONS).get_current_head() == migrate.newest_revision()


async def test_a_database_of_a_newer_version_is_refused(database_url: str) -> None:
    database = await Database.open(database_url)
    async with database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await database.close()
    with pytest.raises(StorageUnavailableError, match="newer version"):
        await Database.open(database_url)
