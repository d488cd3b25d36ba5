"""`marquee try`: the bot in a local web page, with a simulated Discord around it (SimCord)."""

import asyncio
import contextlib
import os
import sys
import webbrowser
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import monotonic

import simcord
from simcord.backend.errors import SetupError

from bot.client import Marquee, create_bot
from bot.config import Settings, Shards
from bot.core.runtime import first_completed, stop_signal
from bot.core.text.i18n import _
from bot.preview.clock import ActionQueue, PreviewClock
from bot.preview.images import FilmImages, draw_avatar, draw_marquee_avatar, find_film_images
from bot.preview.seed import count_ratings, restore_events, seed
from bot.preview.simulator import accept_event_pictures, speak
from bot.preview.snapshot import Snapshot
from bot.preview.web import DrawnImages, PageContent, PageServer, Welcome
from bot.preview.world import PreviewWorld, create_world
from bot.services import Services, running_services
from bot.sources.starter import bundled_data_path
from bot.sources.tmdb.replay import RecordedReply, ReplayServer, load_replies

REPLAY_FOLDER = "tmdb-replay"
"""The folder of replies that ships with Marquee."""
REPLAY_KEY = "0" * 32
"""A TMDB key for recorded replies, which need none."""
COMMAND_TIMEOUT = 60.0
"""Seconds after which SimCord gives a command up: a small machine may be busy."""
FIRST_SECONDS = 1.0
"""Simulated seconds that pass before the page opens, so that the bot has announced what is on the marquee."""
SECONDS_BETWEEN_NIGHTS = 10.0
"""Seconds between two runs of the nightly jobs."""


@dataclass(frozen=True, slots=True)
class PreviewOptions:
    """How the page is served.

    `replay` is a folder with replies in TMDB's place (None: those that ship with Marquee), unless `has_tmdb` is
    False; TMDB itself is never asked. `speed` None means real time and no clock in the page. `is_direct` opens the
    direct messages with the bot in place of the channel, `opens_browser` a browser where there is one.
    `locale` is the language of everybody's Discord client and of the server.
    """

    port: int
    replay: Path | None = None
    has_tmdb: bool = True
    is_direct: bool = False
    speed: float | None = None
    opens_browser: bool = False
    locale: str = "en-US"


async def serve(settings: Settings, options: PreviewOptions) -> None:
    """Serve the page on 127.0.0.1 until the process is stopped.

    Where simulated time got ahead in an earlier run it continues from there, because the database holds what was
    planned then.

    Raises InvalidInputError where the folder holds no replies, PortTakenError where the port is in use,
    StorageUnavailableError where the database can't be opened.
    """
    started_at = monotonic()
    database = settings.data_dir / "try.db"
    settings = replace(
        settings,
        database_url=f"sqlite+aiosqlite:///{database}",
        shards=Shards(),
        tmdb_token=None,
        letterboxd_url=None,
    )
    # Read first: what is wrong with the folder is said before the address.
    own_replies = load_replies(options.replay) if options.replay is not None and options.has_tmdb else None
    async with contextlib.AsyncExitStack() as stack:
        stopped = stack.enter_context(stop_signal())
        page = PageServer()
        stack.push_async_callback(page.stop)
        url = await page.start(options.port)
        print(_("Marquee is at {address}").format(address=url), flush=True)
        if not database.exists():
            print(_("The first start loads the films, which takes a few seconds."), flush=True)
        if options.opens_browser:
            await asyncio.to_thread(open_browser, url)
        services, film_images = await stack.enter_async_context(_open_services(settings, options, own_replies))
        bot = create_bot(services)
        accept_event_pictures()
        speak(options.locale)
        env = simcord.Env(bot, check_errors=False, settle_timeout=COMMAND_TIMEOUT)
        world = create_world(env, options.locale)
        clock = PreviewClock(env, bot, options.speed or 1.0)
        await clock.start()
        with env.time_context():
            is_first_visit = await seed(services, world)
            await restore_events(services, world)
            ratings = [await count_ratings(services, world, member_id) for member_id in world.people]
        await env.start()
        stack.push_async_callback(_shut_down, env, page.queue)
        if bot.user is not None:
            await bot.user.edit(username="Marquee")
        await env.advance_time(FIRST_SECONDS)
        sources = {url: f"/media/{path}" for url, (path, _picture) in film_images.items()}
        content = PageContent(
            world,
            clock,
            {**_find_avatars(world), **dict(film_images.values())},
            Snapshot(world, sources, options.locale),
            Welcome(is_first_visit, sum(ratings), str(database)),
            has_clock=options.speed is not None,
            opens_direct_messages=options.is_direct,
        )
        page.show(content)
        stack.push_async_callback(page.stop)  # before the bot stops, whom visitors would still ask for something
        ready = _("Ready after {seconds} s. What you do is kept in {file}.")
        print(ready.format(seconds=f"{monotonic() - started_at:.1f}", file=database), flush=True)
        print(_("Ctrl-C stops."), flush=True)
        await first_completed(stopped.wait(), clock.run(page.queue), _run_nightly_jobs(env, bot, page.queue))


async def _shut_down(env: simcord.Env, actions: ActionQueue) -> None:
    """Stop the bot once the action that runs is done; SimCord refuses to stop in the middle of one."""
    await actions.close()
    with contextlib.suppress(SetupError):
        await env.shutdown()


def open_browser(url: str) -> bool:
    """Open the page in a browser of the desktop; return whether there is one. A text browser is none."""
    has_desktop = sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    if not has_desktop:
        return False
    try:
        return webbrowser.open(url)
    except webbrowser.Error:
        return False


@contextlib.asynccontextmanager
async def _open_services(
    settings: Settings, options: PreviewOptions, own_replies: list[RecordedReply] | None
) -> AsyncIterator[tuple[Services, FilmImages]]:
    """Yield the services, with a stand-in for TMDB if wanted, and how to draw the images of its films.

    The stand-in gives `own_replies`, or if None those that ship with Marquee.
    """
    async with contextlib.AsyncExitStack() as stack:
        if not options.has_tmdb:
            services = await stack.enter_async_context(running_services(settings))
            film_images: FilmImages = {}
        else:
            replies = own_replies or load_replies(bundled_data_path(REPLAY_FOLDER))
            server = await stack.enter_async_context(ReplayServer(replies))
            settings = replace(settings, tmdb_token=REPLAY_KEY)
            services = await stack.enter_async_context(running_services(settings, server.url))
            film_images = find_film_images(replies)
        yield replace(services, has_nightly_jobs=False), film_images


def _find_avatars(world: PreviewWorld) -> DrawnImages:
    """Return how to draw the avatars of the people and of the bot."""
    avatars: dict[str, Callable[[], bytes]] = {}
    for member_id, person in world.people.items():
        avatars[f"avatar/{member_id}.svg"] = partial(draw_avatar, person.display_name[0], person.avatar_colour)
    for user in world.env.backend.users.values():
        avatars.setdefault(
            f"avatar/{user.id}.svg",
            draw_marquee_avatar if user.bot else partial(draw_avatar, user.name[0].upper(), "#6B7280"),
        )
    return avatars


async def _run_nightly_jobs(env: simcord.Env, bot: Marquee, actions: ActionQueue) -> None:
    """Run the nightly jobs every few seconds."""

    async def run_once() -> None:
        with env.time_context():
            bot.dispatch("preview_night")
        await env.settle()

    while True:
        await asyncio.sleep(SECONDS_BETWEEN_NIGHTS)
        await actions.run_in_background(run_once)
