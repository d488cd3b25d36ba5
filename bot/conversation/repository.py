"""SQL for conversations, and the films of the catalogue as they are searched."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from bot.conversation.models import Conversation, FilmDocument, Novelty, Request, TextKind
from bot.conversation.tables import conversations
from bot.core.database.engine import Database, upsert
from bot.core.database.key_value import CATALOGUE_VERSION, KeyValueRepository
from bot.core.database.transaction_script import StatementBatch, TransactionScript, param
from bot.films.models import EVERYWHERE, CreditJob
from bot.films.tables import availability, credits, film_changes, films, people, titles
from bot.members.personal_data import PersonalData, export_table
from bot.recommendations.facts import LEARNABLE_SOURCES

DOCUMENTS_LIMIT = 100_000
"""Films that can be found by a description: the best known, all kept in memory."""
BATCH = 500
_DOCUMENTS = (
    select(
        films.c.id, films.c.title, films.c.original_title, films.c.year, films.c.runtime, films.c.countries,
        films.c.languages, films.c.genres, films.c.logline, films.c.keywords, films.c.fame,
    )
    .where(films.c.source.in_(LEARNABLE_SOURCES))
    .order_by(films.c.fame.desc(), films.c.id)
    .limit(DOCUMENTS_LIMIT)
)  # fmt: skip

_UPDATED_AT = conversations.c.updated_at
_IS_OUTSIDE = ~_UPDATED_AT.between(param(_UPDATED_AT, "earliest"), param(_UPDATED_AT, "latest"))
_SELECT_OUTSIDE = (select(conversations.c.member_id).where(_IS_OUTSIDE).limit(1),)
_DELETE_OUTSIDE = delete(conversations).where(_IS_OUTSIDE)
_JOBS = (CreditJob.DIRECTOR, CreditJob.WRITER, CreditJob.CAST)


class DocumentRepository:
    """Reads the films that are searched."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_version(self) -> str:
        """Return what changes whenever films of the catalogue do."""
        ((last,),) = await self._database.fetch_all(select(func.max(film_changes.c.id)))
        return f"{await KeyValueRepository(self._database).get(CATALOGUE_VERSION)}:{last or 0}"

    async def list_documents(self) -> list[FilmDocument]:
        """Return the best-known films of the sources whose texts may be searched."""
        rows = await self._database.fetch_all(_DOCUMENTS)
        documents: list[FilmDocument] = []
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            documents += await self._with_parts(batch)
        return documents

    async def _with_parts(self, rows: Iterable[Any]) -> list[FilmDocument]:
        rows = list(rows)
        ids = [row.id for row in rows]
        names: dict[tuple[str, str], list[str]] = defaultdict(list)
        roles: dict[str, list[str]] = defaultdict(list)
        other_titles: dict[str, list[str]] = defaultdict(list)
        services: dict[str, list[str]] = defaultdict(list)
        statement = (
            select(credits.c.film_id, credits.c.job, credits.c.role, people.c.name)
            .join(people, people.c.id == credits.c.person_id)
            .where(credits.c.film_id.in_(ids), credits.c.job.in_([job.value for job in _JOBS]))
            .order_by(credits.c.film_id, credits.c.job, credits.c.position)
        )
        for film_id, job, role, name in await self._database.fetch_all(statement):
            names[film_id, job].append(name)
            if role:
                roles[film_id].append(role)
        untranslated = select(titles.c.film_id, titles.c.title).where(
            titles.c.film_id.in_(ids), titles.c.region.is_(None), titles.c.language.is_(None)
        )
        for film_id, title in await self._database.fetch_all(untranslated.order_by(titles.c.position)):
            other_titles[film_id].append(title)
        offers = select(availability.c.film_id, availability.c.service, availability.c.countries)
        for film_id, service, countries in await self._database.fetch_all(
            offers.where(availability.c.film_id.in_(ids)).order_by(availability.c.service)
        ):
            if EVERYWHERE in countries or countries:
                services[film_id].append(service)
        return [
            FilmDocument(
                id=row.id,
                title=row.title,
                year=row.year,
                runtime=row.runtime,
                countries=tuple(row.countries),
                languages=tuple(row.languages),
                genres=tuple(row.genres),
                logline=row.logline,
                keywords=tuple(row.keywords),
                directors=tuple(names[row.id, CreditJob.DIRECTOR.value]),
                writers=tuple(names[row.id, CreditJob.WRITER.value]),
                cast=tuple(names[row.id, CreditJob.CAST.value]),
                roles=tuple(roles[row.id]),
                services=tuple(services[row.id]),
                fame=row.fame,
                other_titles=tuple(
                    dict.fromkeys(
                        title for title in (row.original_title, *other_titles[row.id]) if title != row.title
                    )
                ),
            )
            for row in rows
        ]


class ConversationRepository:
    """Keeps what a member's conversation in a channel is about, for as long as `delete_outside` lets it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, channel_id: int, member_id: int, since: datetime) -> Conversation:
        """Return the member's conversation in the channel if it went on at `since` or later, else an empty one."""
        statement = select(conversations.c.state).where(
            conversations.c.channel_id == channel_id,
            conversations.c.member_id == member_id,
            conversations.c.updated_at >= since,
        )
        rows = await self._database.fetch_all(statement)
        return _load(rows[0].state) if rows else Conversation()

    async def save(
        self, conversation: Conversation, *, server_id: int, channel_id: int, member_id: int, now: datetime
    ) -> None:
        """Store the conversation in place of what it was."""
        row = {
            "channel_id": channel_id,
            "member_id": member_id,
            "server_id": server_id,
            "state": json.loads(json.dumps(asdict(conversation))),
            "updated_at": now,
        }
        statement = upsert(
            self._database.dialect,
            conversations,
            ("channel_id", "member_id"),
            ("server_id", "state", "updated_at"),
        )
        async with self._database.write(member_ids=[member_id], is_upkeep=True) as connection:
            await connection.execute(statement, [row])

    async def delete(self, member_id: int, channel_id: int | None = None) -> None:
        """Forget the member's conversation in the channel; without a channel, all of theirs."""
        statement = delete(conversations).where(conversations.c.member_id == member_id)
        if channel_id is not None:
            statement = statement.where(conversations.c.channel_id == channel_id)
        async with self._database.write(member_ids=[member_id], is_upkeep=True) as connection:
            await connection.execute(statement)

    async def delete_outside(self, earliest: datetime, latest: datetime) -> None:
        """Forget all conversations that did not last go on between these times."""
        times = {"p_earliest": earliest, "p_latest": latest}
        (rows,) = await self._database.fetch_snapshot(_SELECT_OUTSIDE, times)
        if rows:
            await self._database.run_script(_delete_outside(times), is_upkeep=True)


def _delete_outside(times: Mapping[str, datetime]) -> TransactionScript[None]:
    yield StatementBatch((_DELETE_OUTSIDE,), [times])


def _load(state: dict[str, Any]) -> Conversation:
    """Return a stored conversation; fields that this version does not know are left out."""
    known = {each.name for each in fields(Request)}
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in state["request"].items()
        if name in known
    }
    if values.get("novelty") is not None:
        values["novelty"] = Novelty(values["novelty"])
    return Conversation(
        request=Request(**values),
        kind=TextKind(state["kind"]),
        shown=tuple(state["shown"]),
        seen=tuple(state["seen"]),
        answers=tuple((field, value, bool(is_yes)) for field, value, is_yes in state["answers"]),
        focus=int(state["focus"]),
    )


PERSONAL_DATA = PersonalData(exported_rows=(export_table(conversations, 95),), deleted_tables=(conversations,))
