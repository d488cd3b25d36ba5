import asyncio
import io
import json
import logging
from collections.abc import Iterator
from datetime import datetime

import pytest

from bot.config import LOG_LEVELS
from bot.core.logs import configure_logging

TYPED = "what somebody typed"
LIBRARIES = (
    "aiosqlite",
    "sqlalchemy.engine.Engine",
    "asyncpg",
    "discord.gateway",
    "aiohttp.access",
    "asyncio",
    "",
)


@pytest.fixture
def levels() -> Iterator[None]:
    """Restore the loggers, which belong to the whole process."""
    handlers, loggers = (
        list(logging.root.handlers),
        [logging.root, *map(logging.getLogger, (*LIBRARIES[:-1], "bot"))],
    )
    before = [logger.level for logger in loggers]
    yield
    logging.root.handlers[:] = handlers
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


@pytest.mark.parametrize("level", LOG_LEVELS)
@pytest.mark.usefixtures("levels")
def test_libraries_log_below_warning_at_no_level(level: str) -> None:
    stream = io.StringIO()
    configure_logging(level, stream=stream)
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.DEBUG)  # as `echo` does
        logging.getLogger(name).debug("executing %s", TYPED)
        logging.getLogger(name).info("executing %s", TYPED)
    assert stream.getvalue() == ""
    logging.getLogger("discord.client").error("Ignoring exception in %s", "on_interaction")
    assert "ERROR discord.client: Ignoring exception in on_interaction\n" in stream.getvalue()
    for name in LOG_LEVELS:
        logging.getLogger("bot.films.service").log(logging.getLevelName(name), "%s is read", name)
    own = [line.split()[2] for line in stream.getvalue().splitlines() if "bot.films" in line]
    assert own == list(LOG_LEVELS[LOG_LEVELS.index(level) :])


@pytest.mark.usefixtures("levels")
async def test_an_errors_own_text_is_not_logged() -> None:
    stream = io.StringIO()
    configure_logging("DEBUG", stream=stream)

    async def fail() -> None:
        raise ValueError(TYPED)

    task = asyncio.create_task(fail())
    await asyncio.wait([task])
    del task  # nobody asks for its error, so asyncio logs it with the task and its error in the message
    try:
        await fail()
    except ValueError:
        logging.getLogger("discord.client").exception("Ignoring exception")
        logging.getLogger("bot.films").error("could not be read", exc_info=True)
    assert "Task exception was never retrieved\n" in stream.getvalue()
    assert stream.getvalue().count("ValueError\n") == 3
    assert "in fail" in stream.getvalue()
    assert TYPED not in stream.getvalue().replace("raise ValueError(TYPED)", "")


@pytest.mark.usefixtures("levels")
def test_json_lines_say_what_the_text_says() -> None:
    stream = io.StringIO()
    configure_logging("INFO", "json", stream)
    try:
        raise ValueError(TYPED)
    except ValueError:
        logging.getLogger("bot.films").exception("%s could not be read", "films.jsonl")
    line = json.loads(stream.getvalue())
    assert (line["level"], line["logger"], line["error"]) == ("ERROR", "bot.films", "ValueError")
    assert line["message"] == "films.jsonl could not be read"
    assert datetime.fromisoformat(line["time"]).tzinfo is not None
    assert line["traceback"].endswith("ValueError\n")
    assert "\n" not in stream.getvalue().rstrip("\n")
