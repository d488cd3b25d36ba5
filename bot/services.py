"""Everything the bot works with, wired once and closed once."""

import logging
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import discord

from bot.films.catalogue import Catalogue
from bot.films.diary import Diary
from bot.films.flood import Flood
from bot.films.moderation import Moderation
from bot.films.people import People
from bot.films.picks.clock import PickClock
from bot.films.picks.plans import Picks
from bot.films.picks.voices import PickVoices
from bot.films.preferences import Preferences
from bot.films.presence import Presence
from bot.films.privacy import MemberData
from bot.films.reviews import Reviews
from bot.films.watchlists import Watchlists
from bot.settings import Settings
from bot.sources import starter
from bot.sources.bundled import bundled
from bot.storage.database import Database
from bot.storage.diary import DiaryStore
from bot.storage.facts import CATALOGUE_VERSION, FactStore
from bot.storage.films import FilmStore
from bot.storage.moderation import ModerationStore
from bot.storage.people import PersonStore
from bot.storage.picks import PickClockStore, PickStore, PickVoiceStore
from bot.storage.preferences import PreferenceStore
from bot.storage.presence import PresenceStore
from bot.storage.privacy import PrivacyStore
from bot.storage.reviews import ReviewStore
from bot.storage.titles import TitleIndexKeeper
from bot.storage.twins import adopted
from bot.storage.watchlists import WatchlistStore

log = logging.getLogger(__name__)
TITLE_INDEX = "titles.index"
STARTER_FACT = "starter catalogue"


def utcnow() -> datetime:
    """Give the time, looked up anew at every call so that a simulated Discord's clock rules where there is one."""
    return discord.utils.utcnow()


@dataclass(frozen=True, slots=True)
class Services:
    """What cogs and commands call."""

    settings: Settings
    database: Database
    film_store: FilmStore
    catalogue: Catalogue
    titles: TitleIndexKeeper
    people: People
    preferences: Preferences
    reviews: Reviews
    diary: Diary
    watchlists: Watchlists
    moderation: Moderation
    presence: Presence
    member_data: MemberData
    picks: Picks
    pick_clock: PickClock
    pick_voices: PickVoices

    async def close(self) -> None:
        """Close what was opened."""
        await self.database.close()


async def open_services(settings: Settings) -> Services:
    """Open the database, bring it and the starter catalogue in it up to date, and build the indexes.

    Raises StorageUnavailableError where the database can't be opened.
    """
    database = await Database.open(settings.database_url)
    try:
        film_store = FilmStore(database)
        await _load_starter(database, film_store)
        people = People(PersonStore(database))
        await people.load()
        titles = TitleIndexKeeper(database, film_store, settings.data_dir / TITLE_INDEX)
        return Services(
            settings=settings,
            database=database,
            film_store=film_store,
            catalogue=Catalogue(film_store, await titles.open()),
            titles=titles,
            people=people,
            preferences=Preferences(PreferenceStore(database)),
            reviews=Reviews(ReviewStore(database), Flood(), utcnow),
            diary=Diary(DiaryStore(database), utcnow),
            watchlists=Watchlists(WatchlistStore(database), utcnow),
            moderation=Moderation(ModerationStore(database), utcnow),
            presence=Presence(PresenceStore(database), utcnow),
            member_data=MemberData(PrivacyStore(database)),
            picks=Picks(PickStore(database), utcnow),
            pick_clock=PickClock(PickClockStore(database), utcnow),
            pick_voices=PickVoices(PickVoiceStore(database), utcnow),
        )
    except BaseException:
        await database.close()
        raise


@asynccontextmanager
async def running_services(settings: Settings) -> AsyncIterator[Services]:
    """Open the services and close them at the end."""
    services = await open_services(settings)
    try:
        yield services
    finally:
        await services.close()


@asynccontextmanager
async def open_catalogue(settings: Settings) -> AsyncIterator[tuple[Database, FilmStore]]:
    """Open the database alone, with the starter catalogue in it: imports need no index over a million films."""
    database = await Database.open(settings.database_url)
    try:
        film_store = FilmStore(database)
        await _load_starter(database, film_store)
        yield database, film_store
    finally:
        await database.close()


async def _load_starter(database: Database, film_store: FilmStore) -> None:
    """Load the bundled catalogue unless this very one was loaded before."""
    path = bundled("films.jsonl")
    facts = FactStore(database)
    if await facts.get(STARTER_FACT) == starter.fingerprint(path):
        return
    catalogue = await import_starter(database, film_store, path)
    for problem in catalogue.problems:
        log.warning("left out of the starter catalogue: %s", problem)


async def import_starter(database: Database, film_store: FilmStore, path: Path) -> starter.StarterCatalogue:
    """Load the catalogue file into the database and give what was read, bad lines included.

    Films that are no longer in the file stay: members may have rated them. Raises OSError where the file
    can't be read.
    """
    catalogue = starter.load(path)
    await film_store.put_many(await adopted(database, film_store, "imdb", catalogue.films))
    facts = FactStore(database)
    await facts.put(CATALOGUE_VERSION, uuid.uuid4().hex)
    await facts.put(STARTER_FACT, catalogue.fingerprint)
    log.info("starter catalogue: %d films", len(catalogue.films))
    return catalogue
