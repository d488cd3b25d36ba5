"""The moderation log, written in the transaction of what it records."""

import secrets
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import upsert
from bot.moderation.models import LogEntry
from bot.moderation.tables import log_subjects, moderation_log


async def write_log(connection: AsyncConnection, server_id: int, entry: LogEntry) -> None:
    """Add the entry, with whom it is about under a name that says nothing by itself."""
    subject = ""
    if entry.member_id is not None:
        row = {"server_id": server_id, "member_id": entry.member_id, "subject": secrets.token_hex(16)}
        keys = ("server_id", "member_id")
        await connection.execute(upsert(connection.dialect.name, log_subjects, keys, ()), row)
        named = select(log_subjects.c.subject).where(
            log_subjects.c.server_id == server_id, log_subjects.c.member_id == entry.member_id
        )
        subject = (await connection.execute(named)).scalar_one()
    values: dict[str, Any] = {
        "server_id": server_id, "actor_id": entry.actor_id, "action": entry.action.value, "subject": subject,
        "film_id": entry.film_id, "rating_id": entry.rating_id, "reply_id": entry.reply_id,
        "reason": entry.reason, "created_at": entry.created_at,
    }  # fmt: skip
    await connection.execute(moderation_log.insert(), values)
