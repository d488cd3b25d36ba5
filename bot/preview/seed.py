"""What the try page's people did before the first visit, so that everything has something to show."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from bot.core.database.key_value import KeyValueRepository
from bot.core.discord import utcnow
from bot.films.models import FilmGoneError
from bot.picks.models import NewPick
from bot.preview.world import PreviewWorld
from bot.reviews.models import Draft
from bot.services import Services

SEEDED_KEY = "try seeded"
"""The key under which the database keeps that this was done: what somebody deletes afterwards stays deleted."""
COUNTRY = "US"
RATINGS: Mapping[str, Mapping[str, int]] = {
    "mina": {
        "past-lives-2023": 10, "portrait-of-a-lady-on-fire-2019": 9, "in-the-mood-for-love-2000": 10,
        "lost-in-translation-2003": 9, "before-sunrise-1995": 9, "her-2013": 8, "amelie-2001": 8,
        "burning-2018": 9, "moonlight-2016": 8, "arrival-2016": 8, "paddington-2-2017": 9,
        "die-hard-1988": 5, "mad-max-fury-road-2015": 6,
    },
    "jonas": {
        "inception-2010": 8, "interstellar-2014": 9, "the-matrix-1999": 10, "alien-1979": 9, "aliens-1986": 8,
        "blade-runner-1982": 10, "mad-max-fury-road-2015": 9, "terminator-2-judgment-day-1991": 8,
        "heat-1995": 8, "die-hard-1988": 7, "la-la-land-2016": 3, "titanic-1997": 4, "spirited-away-2001": 7,
        "parasite-2019": 9, "burning-2018": 7, "portrait-of-a-lady-on-fire-2019": 7,
    },
    "sam": {
        "spirited-away-2001": 10, "your-name-2016": 9, "eternal-sunshine-of-the-spotless-mind-2004": 9,
        "la-la-land-2016": 8, "whiplash-2014": 9, "parasite-2019": 10, "ratatouille-2007": 8, "up-2009": 8,
        "groundhog-day-1993": 8, "citizen-kane-1941": 7, "casablanca-1942": 9, "mad-max-fury-road-2015": 5,
        "die-hard-1988": 4, "inception-2010": 7, "burning-2018": 8, "portrait-of-a-lady-on-fire-2019": 10,
    },
}  # fmt: skip
"""By the person's user name: half stars by film id."""
REVIEWS: Mapping[tuple[str, str], str] = {
    ("mina", "burning-2018"): "Two hours of smoke before you see any fire. I checked my greenhouse afterwards.",
    ("jonas", "parasite-2019"): "A comedy until the doorbell rings. After that I forgot to eat my popcorn.",
    ("sam", "parasite-2019"): "Every staircase in it is a punchline and a threat. Watch it twice.",
    ("jonas", "blade-runner-1982"): "It rains for two hours and I never wanted an umbrella.",
    ("sam", "spirited-away-2001"): "The train over the water is the quietest minute of film I know.",
}
"""By the person's user name and the film's id."""
FEATURED_FILM, FEATURED_NOTE = (
    "portrait-of-a-lady-on-fire-2019",
    "Bring somebody you'd like to look at for two hours.",
)
NEXT_FILM = "spirited-away-2001"


async def seed(services: Services, world: PreviewWorld) -> bool:
    """Store it all at the first visit; return whether it is the first. Who has rated something keeps their own."""
    key_values = KeyValueRepository(services.database)
    if await key_values.get(SEEDED_KEY) is not None:
        return False
    for member_id, person in world.people.items():
        if not await count_ratings(services, world, member_id):
            await _seed_ratings(services, world.server.id, member_id, person.user_name)
    await services.server_settings.change(
        world.server.id, lambda settings: replace(settings, country=settings.country or COUNTRY)
    )
    await _seed_marquee(services, world)
    await key_values.set(SEEDED_KEY, "1")
    return True


async def restore_events(services: Services, world: PreviewWorld) -> None:
    """Have the events of nights to come made again: the simulated Discord forgot them when it was stopped."""
    nights = services.nights.repository
    for night in await nights.list_open(world.server.id):
        await nights.set_card(night.id, night.channel_id, None)
        await nights.set_place_of(night.id, event_id=None, event_film_id=None)
        await nights.enqueue_event(world.server.id, night.id, utcnow())


async def count_ratings(services: Services, world: PreviewWorld, member_id: int) -> int:
    """Return how many films the member has rated."""
    history = await services.recommendations.repository.get_rating_history(world.server.id, member_id)
    return len(history.ratings)


async def _seed_ratings(services: Services, server_id: int, member_id: int, user_name: str) -> None:
    # Concurrently, so that one transaction stores many of them.
    await asyncio.gather(
        *(
            services.reviews.post(Draft(server_id, member_id, film_id, halves, REVIEWS.get((user_name, film_id))))
            for film_id, halves in RATINGS[user_name].items()
        )
    )


async def _seed_marquee(services: Services, world: PreviewWorld) -> None:
    """Feature a film, and plan the next, unless the server plans for itself."""
    server_id, curator_id = world.server.id, list(world.people)[-1]
    programme = await services.picks.repository.get_programme(server_id)
    if programme.picks:
        return
    try:
        pick = await services.picks.add(
            server_id, NewPick(FEATURED_FILM, curator_id, FEATURED_NOTE, duration_days=7)
        )
        await services.picks.add(server_id, NewPick(NEXT_FILM, curator_id))
    except FilmGoneError:
        return  # the operator's own catalogue has other films
    await services.picks.change_settings(server_id, {"announcement_channel_id": world.channels[1].id})
    await services.picks.start(server_id, pick.id)
