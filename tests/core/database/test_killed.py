"""kill -9 at any moment loses nothing that was acknowledged, and stores nothing twice."""

import asyncio
import os
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.core.database.engine import Database
from bot.films.models import Film
from bot.films.repository import FilmRepository
from bot.reviews.tables import ratings, viewings
from tests.core.database import killed_process
from tests.reviews.ratings import check_totals

ROUNDS = 100
ROOT = Path(__file__).parents[3]


@pytest.mark.long
@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
async def test_a_hundred_kills_lose_nothing_and_store_nothing_twice(database_url: str, tmp_path: Path) -> None:
    database = await Database.open(database_url)
    films = [
        Film(f"film-{number}", f"Film {number}", f"Film {number}", 2000) for number in range(killed_process.FILMS)
    ]
    await FilmRepository(database).save_many(films)
    await database.close()
    logs = tmp_path / "logs"
    logs.mkdir()
    command = [sys.executable, killed_process.__file__, database_url, str(logs), str(ROUNDS)]
    process = await asyncio.create_subprocess_exec(*command, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert await asyncio.wait_for(process.wait(), 240) == 0

    tried: dict[tuple[int, str], list[int]] = {}
    acknowledged: dict[tuple[int, str], int] = {}
    lines = [line for log in logs.iterdir() for line in log.read_text().splitlines()]
    for line in lines:
        kind, member, film, stars, _ = line.split()
        key = (int(member), film)
        if kind == "try":
            tried.setdefault(key, []).append(int(stars))
        else:
            acknowledged[key] = len(tried[key])
    assert len({member // 1_000 for member, _ in acknowledged}) == ROUNDS

    database = await Database.open(database_url)
    try:
        async with database.read() as connection:
            rows = (await connection.execute(select(ratings))).all()
            viewed = (await connection.execute(select(viewings.c.member_id, viewings.c.film_id))).all()
        stored = {(row.member_id, row.film_id): row for row in rows}
        assert len(stored) == len(rows)
        for key, turns in acknowledged.items():
            # The last acknowledged stars are there, or those being stored after them when the process died.
            assert stored[key].stars in tried[key][turns - 1 : turns + 1], key
        for key in stored:
            assert key in tried
        assert set(Counter((row.member_id, row.film_id) for row in viewed).values()) <= {1}
        assert {(row.member_id, row.film_id) for row in viewed} == set(stored)
        await check_totals(database)
    finally:
        await database.close()
