"""Stars as members see them in messages: pictures where the operator uploaded them, else symbols.

`marquee emojis` uploads a star and half a star as emojis of the application, which the bot may use everywhere.
Where Discord shows no emojis, as in menus, on buttons and in footers, stars stay symbols.
"""

import json
from dataclasses import asdict, dataclass

from bot.core.database.key_value import KeyValueRepository
from bot.reviews.stars import format_stars

EMOJIS = "star emojis"
"""The name under which the database keeps the emojis' ids."""
STAR_NAME, HALF_STAR_NAME = "star", "half_star"


@dataclass(frozen=True, slots=True)
class StarEmojis:
    """The ids of an application's emojis."""

    application_id: int
    star_id: int
    half_star_id: int

    def format(self, half_stars: int) -> str:
        """Return half-stars as emojis."""
        star, half_star = f"<:{STAR_NAME}:{self.star_id}>", f"<:{HALF_STAR_NAME}:{self.half_star_id}>"
        return star * (half_stars // 2) + half_star * (half_stars % 2)


class StarStyle:
    """How this process, which is one bot, shows stars."""

    def __init__(self) -> None:
        self._emojis: StarEmojis | None = None

    async def load(self, values: KeyValueRepository, application_id: int | None) -> None:
        """Show stars as the emojis that are stored for the application, as symbols if there are none."""
        emojis = await read_star_emojis(values)
        is_own = emojis is not None and emojis.application_id == application_id
        self._emojis = emojis if is_own else None

    def format(self, half_stars: int) -> str:
        """Return half-stars for a text in which Discord shows emojis: 7 is three stars and a half one."""
        return format_stars(half_stars) if self._emojis is None else self._emojis.format(half_stars)


async def read_star_emojis(values: KeyValueRepository) -> StarEmojis | None:
    """Return the emojis that were stored last, or None."""
    stored = await values.get(EMOJIS)
    return StarEmojis(**json.loads(stored)) if stored else None


async def store_star_emojis(values: KeyValueRepository, emojis: StarEmojis | None) -> None:
    """Store the emojis, or that there are none."""
    await values.set(EMOJIS, json.dumps(asdict(emojis)) if emojis is not None else "")


STAR_STYLE = StarStyle()
"""Used wherever stars are shown in a text."""
show_stars = STAR_STYLE.format
