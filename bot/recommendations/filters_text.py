"""What a member asked for, in words and inside a custom_id."""

from bot.core.discord.components import CUSTOM_ID_LIMIT
from bot.core.text.countries import country_name, language_name
from bot.core.text.escaping import escape_line
from bot.core.text.formatting import format_runtime
from bot.recommendations.filters import Wishes
from bot.recommendations.moods import Mood

PACKED = r"[^:,]*(?:,[^:,]*){6,7}"
"""What `pack` gives, or gave before services could be asked for, as a pattern."""
LONGEST = CUSTOM_ID_LIMIT - 20
MOODS = {
    Mood.COSY: "Cosy",
    Mood.LAUGH: "Laugh",
    Mood.CRY: "Cry",
    Mood.THRILL: "Be thrilled",
    Mood.SCARE: "Be scared",
    Mood.THINK: "Think",
    Mood.WONDER: "Wonder",
    Mood.CLASSIC: "A classic",
}
SURPRISES = {0.5: "A little", 1.0: "A lot"}


def pack(wishes: Wishes) -> str:
    """Give the wishes as they stand in a custom_id; at most LONGEST characters where the genre is one."""
    values = (
        wishes.genre, wishes.mood, wishes.max_minutes, wishes.decade, wishes.language, wishes.country,
        round(100 * wishes.surprise) or None, "s" if wishes.on_services else None,
    )  # fmt: skip
    return ",".join("" if value is None else str(value) for value in values)


def unpack(packed: str) -> Wishes:
    """Give the wishes back. Raises ValueError where they were never packed."""
    genre, mood, minutes, decade, language, country, surprise, *more = packed.split(",")
    return Wishes(
        genre=genre or None,
        mood=Mood(mood) if mood else None,
        max_minutes=int(minutes) if minutes else None,
        decade=int(decade) if decade else None,
        language=language or None,
        country=country or None,
        surprise=int(surprise) / 100 if surprise else 0.0,
        on_services=more == ["s"],
    )


def in_words(wishes: Wishes) -> str:
    """Say what was asked for, "" for nothing."""
    told = (
        escape_line(wishes.genre, 40) if wishes.genre else "",
        f"mood: {MOODS[wishes.mood].lower()}" if wishes.mood else "",
        f"at most {format_runtime(wishes.max_minutes)}" if wishes.max_minutes else "",
        f"from the {wishes.decade}s" if wishes.decade else "",
        f"in {language_name(wishes.language)}" if wishes.language else "",
        f"made in {country_name(wishes.country)}" if wishes.country else "",
        "off the beaten track" if wishes.surprise else "",
        "on your services" if wishes.on_services else "",
    )
    return " · ".join(part for part in told if part)
