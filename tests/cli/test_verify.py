"""`marquee verify` finds what differs from the rows that it follows from, and repairs it while the bot runs."""

import asyncio
import shutil
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from bot.cli.verify import CONSISTENCY_CHECKS, repair
from bot.core.database.consistency import find_problems
from bot.core.database.engine import Database
from bot.recommendations.models import RatingSet
from tests.command_line import marquee
from tests.consistency import find_inconsistencies
from tests.operations import FILMS, NOW, SERVERS, Operations, count_rows_of

HERE, THERE = SERVERS[:2]
MINA, JONAS, SAM = 1, 2, 3
FILM, OTHER, THIRD = FILMS

CORRUPTIONS = {
    "UPDATE ratings SET helpful_count = helpful_count + 2": {"helpful votes": 3},
    "UPDATE rating_totals SET half_8 = half_8 + 1 WHERE server_id = 200": {"totals of ratings": 1},
    "UPDATE rating_totals SET rating_count = 9, half_star_sum = 1": {"totals of ratings": 2},
    "DELETE FROM rating_totals": {"totals of ratings": 2},
    "UPDATE ratings SET is_counted = false WHERE member_id = 2": {
        "whose ratings count": 1,
        "totals of ratings": 1,
    },
    "DELETE FROM server_members WHERE member_id = 1": {"who rated": 2},
    "UPDATE server_members SET departed_at = checked_at WHERE server_id = 200": {"whose ratings count": 1},
    "UPDATE reports SET server_id = 200": {"reports": 1},
    "UPDATE reply_reports SET server_id = 200": {"reports": 1},
    "UPDATE people SET film_count = 7": {"people's films": 1},
    "UPDATE people SET fame = 0.5": {"people's films": 1},
    "DELETE FROM credits": {"people's films": 1},
    "UPDATE people SET name_key = 'nobody'": {"people's names": 1},
    "UPDATE rating_sets SET member_count = 9": {"imported rating sets": 1},
    "UPDATE rating_sets SET rating_count = 9": {"imported rating sets": 1},
    "DELETE FROM ratings WHERE member_id = 2": {"totals of ratings": 1, "diary entries": 1},
}
"""Statements, and how many problems each makes by the name of the check that finds them."""


@pytest.fixture
async def does(database: Database) -> Operations:
    does = Operations(database)
    await does.prepare()
    for server, member in ((HERE, MINA), (HERE, JONAS), (THERE, MINA)):
        await does.rate(server, member, FILM)
    await does.vote(HERE, JONAS, MINA, FILM)
    await does.reply(HERE, JONAS, MINA, FILM)
    await does.report_review(HERE, SAM, MINA, FILM)
    await does.report_reply(HERE, SAM, JONAS)
    rating_set = RatingSet(
        "sample",
        (FILM, OTHER),
        member=np.array([1, 1, 2], np.uint32),
        film=np.array([0, 1, 0], np.uint32),
        half_stars=np.array([8, 2, 10], np.uint8),
    )
    await does.recommendations.save_rating_set(rating_set, NOW)
    return does


async def count_problems(database: Database) -> dict[str, int]:
    return {check.name: len(keys) for check, keys in await find_problems(database, CONSISTENCY_CHECKS)}


async def test_each_difference_is_found_and_repaired(database: Database, does: Operations) -> None:
    assert await count_problems(database) == {}
    for statement, problems in CORRUPTIONS.items():
        async with database.write() as connection:
            await connection.execute(text(statement))
        assert await count_problems(database) == problems, statement
        await repair(database)
        assert await count_problems(database) == {}, statement
        assert await find_inconsistencies(database) == []
    assert {name for problems in CORRUPTIONS.values() for name in problems} == {
        check.name for check in CONSISTENCY_CHECKS
    }


async def test_what_a_deletion_left_behind_is_deleted(database: Database, does: Operations) -> None:
    await does.depart(THERE, MINA)
    async with database.write() as connection:
        for table in ("ratings", "server_members"):
            await connection.execute(text(f"DELETE FROM {table} WHERE member_id = {MINA}"))
    assert (await count_problems(database))["diary entries"] == 2
    await repair(database)
    assert await count_rows_of(database, MINA) == {}
    assert await find_inconsistencies(database) == []


async def test_repairs_while_members_rate(database_url: str, database: Database, does: Operations) -> None:
    async with database.write() as connection:
        await connection.execute(text("UPDATE rating_totals SET rating_count = 99, half_7 = 99"))
        await connection.execute(text("UPDATE ratings SET helpful_count = 99"))
    bot = await Database.open(database_url)
    members = Operations(bot)
    try:
        rated = [
            members.rate(server, member, film, 1 + member % 10)
            for member in range(10, 30)
            for server in SERVERS
            for film in FILMS
        ]
        voted = [members.vote(HERE, member, MINA, FILM) for member in range(10, 20)]
        await asyncio.gather(repair(database), *rated, *voted, repair(database))
    finally:
        await bot.close()
    assert await count_problems(database) == {}
    assert await find_inconsistencies(database) == []


def test_the_command_line_says_what_differs_until_it_is_repaired(prepared: Path, tmp_path: Path) -> None:
    shutil.copytree(prepared, tmp_path / "data")

    def run(*arguments: str) -> tuple[int, list[str]]:
        done = marquee(*arguments, folder=tmp_path)
        assert done.stderr == ""
        return done.returncode, done.stdout.splitlines()

    right = "totals and counts: correct (diary entries, who rated, whose ratings count, totals of ratings, "
    status, lines = run("verify")
    assert status == 0
    assert len(lines) == 1
    assert lines[0].startswith(right)

    async def corrupt() -> None:
        database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'data' / 'marquee.db'}")
        does = Operations(database)
        await does.rate(HERE, MINA, "burning-2018")
        async with database.write() as connection:
            await connection.execute(text("UPDATE rating_totals SET half_star_sum = 3"))
            await connection.execute(
                text("UPDATE people SET film_count = 99 WHERE id = (SELECT min(id) FROM people)")
            )
        await database.close()

    asyncio.run(corrupt())
    wrong = "totals of ratings: 1 total of a film in a server differs from its ratings"
    advice = "Run `marquee verify --repair` to fix it. The bot can keep running."
    for command in (("verify",), ("doctor",)):
        status, lines = run(*command)
        assert status == 1
        assert wrong in lines
        assert (advice if command == ("verify",) else f"✗ {advice}") in lines
        # The doctor looks at what members wrote only: with a large catalogue people take a minute.
        assert any(line.startswith("people's films: ") for line in lines) is (command == ("verify",))
    status, lines = run("verify", "--repair")
    assert status == 0
    assert lines[0] == wrong
    assert "totals of ratings: fixed 1" in lines
    assert lines[-1].startswith(right)
    assert run("verify") == (0, lines[-1:])
