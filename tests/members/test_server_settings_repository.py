import asyncio
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database
from bot.members.repository import ServerSettingsRepository, read_server_settings
from bot.members.server_settings import ServerSettings
from bot.members.tables import server_settings

CLUB, OTHER = 100, 200
EVERYTHING = ServerSettings(
    country="KR",
    minimum_raters=2,
    report_threshold=0,
    moderator_role_id=1,
    log_channel_id=2,
    word_filter=("grot", "dreck*"),
    curator_role_id=3,
    time_zone="Europe/Berlin",
    rotation_interval="week",
    rotation_time=1_200,
    rotation_weekday=0,
    rotation_day=31,
    announcement_channel_id=4,
    announcement_role_id=5,
    has_announcement_thread=False,
    has_retrospective=True,
    refill="vote",
    poll_hours=24,
    is_announcement_published=True,
    ratings_shared_at=datetime(2026, 11, 20, 20, 0, tzinfo=UTC),
    is_conversation_off=False,
    conversation_channel_ids=(5, 6),
    import_counting="never",
    letterboxd_channel_id=7,
    letterboxd_snoozed_until=datetime(2026, 11, 21, 20, 0, tzinfo=UTC),
    language="pt-BR",
    night_host_role_id=6,
    counts_departed_ballots=False,
)


def test_every_setting_is_a_column() -> None:
    assert [field.name for field in fields(ServerSettings)] == [
        column.name for column in server_settings.c if column.name != "server_id"
    ]


async def test_every_setting_is_stored_and_taken_back(database: Database) -> None:
    assert all(getattr(EVERYTHING, field.name) is not None for field in fields(EVERYTHING))
    repository = ServerSettingsRepository(database)
    assert await repository.get(CLUB) == ServerSettings()
    assert await repository.change(CLUB, lambda _: EVERYTHING) == EVERYTHING
    assert await repository.get(CLUB) == EVERYTHING
    assert await ServerSettingsRepository(database).get(CLUB) == EVERYTHING
    assert await repository.get(OTHER) == ServerSettings()
    await repository.change(CLUB, lambda _: ServerSettings())
    assert await ServerSettingsRepository(database).get(CLUB) == ServerSettings()


async def test_changes_made_at_once_are_all_kept(database: Database) -> None:
    changes = ({"country": "DE"}, {"minimum_raters": 4}, {"refill": "best"}, {"word_filter": ()})
    await asyncio.gather(
        *(
            ServerSettingsRepository(database).change(CLUB, lambda before, each=each: before.with_changes(each))
            for each in changes
        )
    )
    assert await ServerSettingsRepository(database).get(CLUB) == ServerSettings(
        country="DE", minimum_raters=4, refill="best", word_filter=()
    )


async def test_what_follows_is_stored_with_the_change_or_not_at_all(database: Database) -> None:
    repository = ServerSettingsRepository(database)
    seen = []

    async def follow_up(connection: AsyncConnection, before: ServerSettings, after: ServerSettings) -> None:
        seen.append((before, after))
        assert await read_server_settings(connection, CLUB) == after
        if after.country == "XX":
            raise RuntimeError("on purpose")

    german = ServerSettings(country="DE")
    await repository.change(CLUB, lambda before: replace(before, country="DE"), follow_up)
    await repository.change(CLUB, lambda before: before, follow_up)
    assert seen == [(ServerSettings(), german), (german, german)]
    with pytest.raises(RuntimeError, match="on purpose"):
        await repository.change(CLUB, lambda before: replace(before, country="XX"), follow_up)
    assert await repository.get(CLUB) == german
    assert await ServerSettingsRepository(database).get(CLUB) == german


async def test_settings_that_stay_as_they_are_are_not_stored(database: Database) -> None:
    await ServerSettingsRepository(database).change(CLUB, lambda before: before)
    async with database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM server_settings"))).scalar_one() == 0


async def test_what_another_process_changed_meanwhile_is_changed_back(database: Database) -> None:
    repository = ServerSettingsRepository(database)
    await repository.change(CLUB, lambda before: replace(before, country="DE"))
    await ServerSettingsRepository(database).change(CLUB, lambda before: replace(before, country="KR"))
    assert (await repository.get(CLUB)).country == "DE"  # as it was read before the other process was done
    await repository.change(CLUB, lambda before: replace(before, country="DE"))
    assert (await ServerSettingsRepository(database).get(CLUB)).country == "DE"
