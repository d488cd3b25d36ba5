"""What must hold of every database at rest, recomputed row by row and apart from what the bot itself computes."""

from collections import Counter, defaultdict

from sqlalchemy import select

from bot.core.database.engine import Database
from bot.films.tables import credits, films, people
from bot.members.tables import server_members
from bot.moderation.tables import reply_reports, reports
from bot.reviews.tables import HALF_STARS, helpful_votes, rating_totals, ratings, replies, viewings


async def find_inconsistencies(database: Database) -> list[str]:
    """Return a line for each thing that does not hold."""
    tables = (
        ratings, rating_totals, viewings, helpful_votes, replies, reports, reply_reports, server_members, films,
        credits, people,
    )  # fmt: skip
    async with database.read() as connection:
        rows = {table.name: (await connection.execute(select(table))).all() for table in tables}
    found: list[str] = []
    rated = {(row.server_id, row.member_id, row.film_id): row for row in rows["ratings"]}
    by_id = {row.id: row for row in rows["ratings"]}
    departed = {(row.server_id, row.member_id): row.departed_at for row in rows["server_members"]}

    stars: dict[tuple[int, str], Counter[int]] = defaultdict(Counter)
    for row in rows["ratings"]:
        stars[row.server_id, row.film_id][row.stars] += row.is_counted
    totals = {(row.server_id, row.film_id): row for row in rows["rating_totals"]}
    for key in stars.keys() | totals.keys():
        counts = [stars[key][half] for half in range(1, 11)]
        expected = (sum(counts), sum(half * count for half, count in enumerate(counts, start=1)), *counts)
        total = totals.get(key)
        stored = (0,) * 12
        if total is not None:
            halves = (getattr(total, name) for name in HALF_STARS)
            stored = (total.rating_count, total.half_star_sum, *halves)
        if stored != expected:
            found.append(f"totals of {key} are {stored} and should be {expected}")

    votes = Counter(row.rating_id for row in rows["helpful_votes"])
    viewed = {(row.server_id, row.member_id, row.film_id) for row in rows["viewings"]}
    for key, row in rated.items():
        if row.helpful_count != votes[row.id]:
            found.append(f"rating {key} counts {row.helpful_count} votes and has {votes[row.id]}")
        if key not in viewed and row.import_id is None:
            found.append(f"rating {key} has no viewing")
        if key[:2] not in departed:
            found.append(f"rating {key} is of nobody in the server")
        elif row.is_counted != (departed[key[:2]] is None and row.is_countable):
            found.append(f"rating {key} is counted: {row.is_counted}, departed at {departed[key[:2]]}")
    found += [
        f"viewing {row.id} of {row.member_id} in {row.server_id} has stars without a rating"
        for row in rows["viewings"]
        if row.stars is not None and (row.server_id, row.member_id, row.film_id) not in rated
    ]
    by_reply = {row.id: by_id[row.rating_id].server_id for row in rows["replies"]}
    wrong_reports = [row for row in rows["reports"] if row.server_id != by_id[row.rating_id].server_id]
    wrong_reports += [row for row in rows["reply_reports"] if row.server_id != by_reply[row.reply_id]]
    found += [f"report {tuple(row)} is in another server than what it reports" for row in wrong_reports]

    fame = {row.id: row.fame for row in rows["films"]}
    of_person: dict[str, set[str]] = defaultdict(set)
    for row in rows["credits"]:
        of_person[row.person_id].add(row.film_id)
    for row in rows["people"]:
        of = of_person[row.id]
        if row.film_count != len(of) or abs(row.fame - sum(fame[each] for each in of)) > 1e-6:
            found.append(f"{row.id} counts {row.film_count} films and has {len(of)}")
    return found
