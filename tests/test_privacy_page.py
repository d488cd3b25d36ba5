"""What docs/privacy.md says is kept, and for how long, is what is kept."""

import re
from datetime import timedelta
from pathlib import Path

from bot.client import create_bot
from bot.conversation.service import KEPT_FOR
from bot.imports.models import PREVIEW_LIFETIME, UNDO_PERIOD
from bot.recommendations.service import OPEN_SESSION_LIFETIME
from bot.services import PERSONAL_DATA, Services

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
ROWS = [line.split("|")[1:-1] for line in PAGE.splitlines() if line.startswith("| ")]


def test_the_privacy_policy_names_everything_that_is_kept_of_a_member() -> None:
    kept = {rows.name for data in PERSONAL_DATA for rows in data.exported_rows}
    assert {name for row in ROWS for name in re.findall(r"`(\w+)`", row[1])} == kept


def test_the_privacy_policy_says_how_long() -> None:
    (conversations,) = (row for row in ROWS if "`conversations`" in row[1])
    source = (ROOT / "cogs" / "conversation.py").read_text(encoding="utf-8")
    (minutes,) = re.findall(r"CLEANUP_MINUTES = (\d+)", source)
    assert "an hour at most" in conversations[3]
    assert KEPT_FOR + timedelta(minutes=int(minutes)) <= timedelta(hours=1)
    (imports,) = (row for row in ROWS if "`imports`" in row[1])
    assert (PREVIEW_LIFETIME.days, UNDO_PERIOD.days, OPEN_SESSION_LIFETIME.days) == (1, 30, 2)
    assert "for a day" in imports[3]
    assert "for 30 days" in imports[3]
    (sessions,) = (row for row in ROWS if "`group_session_members`" in row[1])
    assert "two days" in sessions[3]


async def test_no_privileged_intent_is_asked_for(services: Services) -> None:
    wanted = {name for name, is_wanted in create_bot(services).intents if is_wanted}
    assert wanted & {"members", "presences", "message_content"} == set()
    hosting = " ".join((ROOT / "docs" / "hosting.md").read_text(encoding="utf-8").split())
    (named,) = re.findall(r"It asks for ((?:`\w+`(?:, | and )?)+);", hosting)
    # discord.py calls a group of intents by a name of its own where one of them is wanted.
    assert set(re.findall(r"\w+", named)) - {"and"} == wanted - {"messages"}
    assert "no privileged intent" in hosting
    assert "no privileged intent" in " ".join(PAGE.split())
