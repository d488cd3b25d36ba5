"""A member's data is deleted while they and others go on: nothing is left behind or counted wrongly."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select, text
from sqlalchemy.sql.schema import Table

from bot.core.database.engine import Database
from bot.members.tables import server_members
from bot.moderation.models import Action
from bot.reviews.tables import helpful_votes, rating_totals, ratings, replies, viewings
from bot.watchlists.tables import watchlist
from tests.consistency import find_inconsistencies
from tests.operations import FILMS, MEMBER_TABLES, SERVERS, Operation, Operations, count_rows_of

pytestmark = pytest.mark.postgres
HERE, THERE = SERVERS[:2]
MINA, JONAS, SAM = 1, 2, 3
FILM, OTHER, THIRD = FILMS

WRITES: dict[str, Operation] = {
    "rate": lambda does: does.rate(HERE, MINA, FILM),
    "vote": lambda does: does.vote(HERE, MINA, JONAS, FILM),
    "reply": lambda does: does.reply(HERE, MINA, JONAS, FILM),
    "edit a reply": lambda does: does.edit_reply(HERE, MINA),
    "report a review": lambda does: does.report_review(HERE, MINA, JONAS, FILM),
    "report a reply": lambda does: does.report_reply(HERE, MINA, JONAS),
    "have a review hidden": lambda does: does.decide_review(HERE, MINA, FILM, Action.HIDE),
    "have a reply hidden": lambda does: does.decide_reply(HERE, MINA, Action.HIDE),
    "be blocked": lambda does: does.block(HERE, MINA),
    "be unblocked": lambda does: does.unblock(HERE, MINA),
    "delete a reply": lambda does: does.delete_reply(HERE, MINA),
    "unrate": lambda does: does.unrate(HERE, MINA, FILM),
    "leave the server": lambda does: does.depart(HERE, MINA),
    "come back": lambda does: does.come_back(HERE, MINA),
    "add to the watchlist": lambda does: does.watch(HERE, MINA, FILM),
    "remove from the watchlist": lambda does: does.unwatch(HERE, MINA, FILM),
    "dismiss": lambda does: does.dismiss(HERE, MINA, FILM),
    "undo a dismissal": lambda does: does.restore(HERE, MINA, FILM),
    "suggest": lambda does: does.suggest(HERE, MINA, FILM),
    "answer an invitation": lambda does: does.toggle_rsvp(HERE, MINA),
    "plan a pick": lambda does: does.plan(HERE, MINA, OTHER),
    "come to a night": lambda does: does.come(HERE, MINA),
    "nominate": lambda does: does.nominate(HERE, MINA, FILM),
    "support a nomination": lambda does: does.nominate(HERE, MINA, OTHER),
    "cast a ballot": lambda does: does.cast(HERE, MINA, FILM),
    "choose days": lambda does: does.choose_days(HERE, MINA),
    "have ballots counted": lambda does: does.count_ballots(HERE),
    "begin a list": lambda does: does.begin_list(HERE, MINA),
    "add to a list": lambda does: does.add_to_list(HERE, MINA, FILM),
    "begin a group session": lambda does: does.begin_session(HERE, [JONAS, MINA]),
    "take part in a group session": lambda does: does.change_session(HERE, [MINA, SAM]),
    "hide their name": lambda does: does.hide_name(MINA),
    "open their diary": lambda does: does.open_diary(MINA),
    "set their country": lambda does: does.set_country(MINA),
    "subscribe": lambda does: does.subscribe(MINA),
    "wait for a film": lambda does: does.wait_for(MINA, FILM),
    "not be reached": lambda does: does.fail_to_notify(MINA, FILM),
    "wait no longer": lambda does: does.stop_waiting(MINA, FILM),
    "ask in plain words": lambda does: does.converse(MINA),
    "connect a Letterboxd account": lambda does: does.connect_letterboxd(HERE, MINA),
    "import a film": lambda does: does.import_film(HERE, MINA, OTHER),
    "share ratings": lambda does: does.share(MINA),
    "delete everything": lambda does: does.delete_data(MINA),
}
"""Everything that is written about a member."""


@pytest.fixture
async def observer(postgres_url: str) -> AsyncIterator[Database]:
    database = await Database.open(postgres_url)
    yield database
    await database.close()


@pytest.fixture
async def does(postgres_url: str) -> AsyncIterator[Operations]:
    database = await Database.open(postgres_url)
    operations = Operations(database)
    await operations.prepare()
    yield operations
    await database.close()


async def count_waiting(observer: Database) -> int:
    """Return how many transactions wait for another's lock."""
    waiting = text("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
    async with observer.read() as connection:
        return int((await connection.execute(waiting)).scalar_one())


async def settle(observer: Database, *tasks: asyncio.Task[None]) -> list[asyncio.Task[None]]:
    """Wait until each of the tasks is done or waits for a lock; return those that wait."""
    while len(pending := [task for task in tasks if not task.done()]) > await count_waiting(observer):
        pass
    return pending


async def test_every_write_about_a_member_waits_for_their_lock(observer: Database, does: Operations) -> None:
    await does.rate(HERE, JONAS, FILM)
    await does.reply(HERE, JONAS, JONAS, FILM)
    await does.nominate(HERE, JONAS, OTHER)
    written: set[str] = set()
    unlocked: list[str] = []
    for name, write in WRITES.items():
        async with observer.write(member_ids=[MINA]):
            task = asyncio.ensure_future(write(does))
            if not await settle(observer, task):
                unlocked.append(name)
        await task
        written |= (await count_rows_of(observer, MINA)).keys()
    assert unlocked == []
    assert written == {table.name for table in MEMBER_TABLES}  # so that no kind of write is forgotten above
    assert await count_rows_of(observer, MINA) == {}


@pytest.mark.parametrize(
    "table", [rating_totals, helpful_votes, replies, viewings, ratings, watchlist, server_members], ids=str
)
async def test_writes_in_other_servers_while_a_deletion_is_in_its_middle(
    postgres_url: str, observer: Database, does: Operations, table: Table
) -> None:
    for author in (MINA, JONAS):
        for server in (HERE, THERE) if author == JONAS else (HERE,):
            await does.rate(server, author, FILM)
    await does.vote(HERE, MINA, JONAS, FILM)
    await does.reply(HERE, MINA, JONAS, FILM)
    await does.watch(HERE, MINA, OTHER)
    elsewhere = await Database.open(postgres_url)
    other_process = Operations(elsewhere)
    try:
        async with observer.write() as connection:
            # The deletion waits for this row, with what comes before it in the transaction done.
            is_theirs = table.c.member_id == MINA if "member_id" in table.c else table.c.server_id == HERE
            locked = await connection.execute(select(table).where(is_theirs).with_for_update())
            assert locked.all()
            deletion = asyncio.create_task(does.delete_data(MINA))
            assert await settle(observer, deletion)
            writes = [
                asyncio.create_task(other_process.rate(THERE, MINA, OTHER)),
                asyncio.create_task(other_process.watch(THERE, MINA, FILM)),
                asyncio.create_task(other_process.vote(THERE, MINA, JONAS, FILM)),
            ]
            await settle(observer, deletion, *writes)
        await asyncio.gather(deletion, *writes)
        assert await find_inconsistencies(observer) == []
        # They come before the deletion or after it, each as a whole.
        rows = await count_rows_of(observer, MINA)
        assert rows == {"ratings": 1, "viewings": 1, "server_members": 1, "watchlist": 1, "helpful_votes": 1}
    finally:
        await elsewhere.close()
