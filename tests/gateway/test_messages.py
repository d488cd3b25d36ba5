"""What becomes of messages: only one that mentions the bot is read."""

import sqlite3
from pathlib import Path
from typing import Any

from tests.gateway.bot_process import running_bot
from tests.gateway.standin import APPLICATION_ID, CHANNEL_ID, MEMBER_ID, SERVER_ID, StandIn

TYPED = "zanzibar marmalade"


def _sent(number: int, content: str, *mentions: str) -> dict[str, Any]:
    def user(user_id: str) -> dict[str, Any]:
        return {"id": user_id, "username": "mina", "discriminator": "0", "avatar": None}

    return {
        "id": str(700 + number), "channel_id": CHANNEL_ID, "guild_id": SERVER_ID, "author": user(MEMBER_ID),
        "content": content, "timestamp": "2026-01-01T00:00:00+00:00", "edited_timestamp": None, "tts": False,
        "mention_everyone": False, "mentions": [user(each) for each in mentions], "mention_roles": [],
        "attachments": [], "embeds": [], "pinned": False, "type": 0, "flags": 0, "components": [],
    }  # fmt: skip


async def test_a_message_without_a_mention_is_never_read(discord_standin: StandIn, data_folder: Path) -> None:
    """Discord leaves its text out; here it is sent with the text, and must leave no trace all the same."""
    async with running_bot(discord_standin, data_folder, LOG_LEVEL="DEBUG") as bot:
        await discord_standin.wait_until_ready()
        connection = discord_standin.connections[-1]
        await connection.dispatch("MESSAGE_CREATE", _sent(1, f"a thriller with {TYPED}"))
        mention = f"<@{APPLICATION_ID}> a korean thriller"
        await connection.dispatch("MESSAGE_CREATE", _sent(2, mention, APPLICATION_ID))
        await discord_standin.wait_for_requests(f"/channels/{CHANNEL_ID}/messages", 1)
        await bot.stop()
        answers = [str(message) for message in discord_standin.messages]
        logged = "\n".join(line for line in bot.log.splitlines() if "discord.gateway" not in line)
    assert len(answers) == 1
    assert "South Korea" in answers[0]
    assert TYPED not in answers[0] + logged
    with sqlite3.connect(data_folder / "marquee.db") as database:
        assert TYPED not in "\n".join(database.iterdump())
        ((kept,),) = database.execute("SELECT state FROM conversations").fetchall()
    assert "korean thriller" not in kept
