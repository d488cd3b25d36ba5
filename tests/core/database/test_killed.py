"""kill -9 at any moment loses nothing that was acknowledged, and doubles nothing."""

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
from tests.core.database import killed
from tests.reviews.ratings import check_totals

ROUNDS = 100
ROOT = Path(__file__).parents[3]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
async def test_a_hundred_kills_lose_and_double_nothing(database_url: str, tmp_path: Path) -> None:
    database = await Database.open(database_url)
    films = [Film(f"film-{number}", f"Film {number}", f"Film {number}", 2000) for number in range(killed.FILMS)]
    await FilmRepository(database).save_many(films)
    await database.close()
    diaries = tmp_path / "diaries"
    diaries.mkdir()
    command = [sys.executable, killed.__file__, database_url, str(diaries), str(ROUNDS)]
    process = await asyncio.create_subprocess_exec(*command, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert await asyncio.wait_for(process.wait(), 240) == 0

    tried: dict[tuple[int, str], list[int]] = {}
    acknowledged: dict[tuple[int, str], int] = {}
    lines = [line for diary in diaries.iterdir() for line in diary.read_text().splitlines()]
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
            seen = (await connection.execute(select(viewings.c.member_id, viewings.c.film_id))).all()
        stored = {(row.member_id, row.film_id): row for row in rows}
        assert len(stored) == len(rows)
        for key, turns in acknowledged.items():
            # What was told last is there, or what was being stored after it when the process died.
            assert stored[key].stars in tried[key][turns - 1 : turns + 1], key
        for key in stored:
            assert key in tried
        assert set(Counter((row.member_id, row.film_id) for row in seen).values()) <= {1}
        assert {(row.member_id, row.film_id) for row in seen} == set(stored)
        await check_totals(database)
    finally:
        await database.close()
