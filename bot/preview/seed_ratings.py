"""Ratings that the try page's members have before a visitor comes, so that recommendations have data.

Mina has none: whoever views the page as her sees what a newcomer sees.
"""

import asyncio
from collections.abc import Mapping

from bot.reviews.models import Draft
from bot.services import Services

SEED_RATINGS: Mapping[str, Mapping[str, int]] = {
    "jonas": {
        "inception-2010": 8, "interstellar-2014": 9, "the-matrix-1999": 10, "alien-1979": 9, "aliens-1986": 8,
        "blade-runner-1982": 10, "mad-max-fury-road-2015": 9, "terminator-2-judgment-day-1991": 8,
        "heat-1995": 8, "die-hard-1988": 7, "la-la-land-2016": 3, "titanic-1997": 4, "spirited-away-2001": 7,
        "parasite-2019": 9,
    },
    "sam": {
        "spirited-away-2001": 10, "your-name-2016": 9, "eternal-sunshine-of-the-spotless-mind-2004": 9,
        "la-la-land-2016": 8, "whiplash-2014": 9, "parasite-2019": 10, "ratatouille-2007": 8, "up-2009": 8,
        "groundhog-day-1993": 8, "citizen-kane-1941": 7, "casablanca-1942": 9, "mad-max-fury-road-2015": 5,
        "die-hard-1988": 4, "inception-2010": 7,
    },
}  # fmt: skip
"""By the member's user name: half stars by film id."""


async def seed_ratings(services: Services, server_id: int, members: Mapping[str, int]) -> None:
    """Store the ratings of the members (ids by user name); one who has rated anything keeps their own ratings."""
    for name, half_stars in SEED_RATINGS.items():
        member_id = members[name]
        if (await services.recommendations.repository.get_rating_history(server_id, member_id)).ratings:
            continue
        # Concurrently, so that one transaction stores many of them.
        drafts = (Draft(server_id, member_id, film_id, halves) for film_id, halves in half_stars.items())
        await asyncio.gather(*(services.reviews.post(draft) for draft in drafts))
