"""Recommended films and their reasons in words."""

from collections.abc import Iterable, Mapping

from bot.core.text.countries import country_name, language_name
from bot.core.text.escaping import escape_line
from bot.core.text.formatting import join_limited
from bot.films.models import Film
from bot.films.service import FilmService
from bot.recommendations.reasons import (
    BecauseYouRated,
    CitedRating,
    PeopleWhoLiked,
    Reason,
    ServerMean,
    SharedAttributes,
    SharedPeople,
)
from bot.reviews.stars import format_stars

MAX_REASONS = 4
"""Reasons shown for one film."""
NO_REASON = "Based on all your ratings."
TITLE_LIMIT = 80
_REASON_ORDER = (BecauseYouRated, SharedPeople, PeopleWhoLiked, SharedAttributes, ServerMean)


def describe_reasons(reasons: Iterable[Reason], film: Film, films: FilmService) -> list[str]:
    """Return the reasons for the film in words, the most personal first, one of each kind."""
    chosen: dict[tuple[type[Reason], str], Reason] = {}
    for reason in reasons:
        if not (isinstance(reason, ServerMean | BecauseYouRated) or format_title(films, reason.film_id)):
            continue
        chosen.setdefault((type(reason), _subkind(reason)), reason)
    ordered = sorted(chosen.values(), key=lambda reason: _REASON_ORDER.index(type(reason)))
    kinds = [reason for reason in ordered if not isinstance(reason, ServerMean)][: MAX_REASONS - 1]
    means = [reason for reason in ordered if isinstance(reason, ServerMean)]
    return [text for reason in (*kinds, *means) if (text := describe_reason(reason, film, films))]


def describe_reason(reason: Reason, film: Film, films: FilmService) -> str:
    """Return one reason in words, "" if the catalogue no longer has the film it names."""
    match reason:
        case BecauseYouRated():
            return _describe_ratings(reason.ratings, films)
        case PeopleWhoLiked():
            title = format_title(films, reason.film_id)
            return f"{reason.liked_both:,} of {reason.likers:,} who liked {title} liked it"
        case ServerMean():
            return f"the server's ★ {reason.stars:.1f} from {reason.raters:,}"
        case SharedPeople():
            return _describe_shared_people(reason, film, format_title(films, reason.film_id))
        case SharedAttributes():
            return f"{_describe_shared_attributes(reason)} like {format_title(films, reason.film_id)}"


def format_title(films: FilmService, film_id: str) -> str:
    """Return the film's title in bold, "" if the catalogue no longer has it."""
    entry = films.index.get(film_id)
    return f"**{escape_line(entry.title, TITLE_LIMIT)}**" if entry is not None else ""


def _subkind(reason: Reason) -> str:
    match reason:
        case SharedPeople():
            return reason.job
        case SharedAttributes():
            return reason.field
    return ""


def _describe_ratings(ratings: Iterable[CitedRating], films: FilmService) -> str:
    by_stars: dict[float, list[str]] = {}
    for each in ratings:
        if title := format_title(films, each.film_id):
            by_stars.setdefault(each.stars, []).append(title)
    if not by_stars:
        return ""
    parts = [f"{format_stars(round(2 * stars))} to {' and '.join(titles)}" for stars, titles in by_stars.items()]
    return f"because you gave {' and '.join(parts)}"


def _describe_shared_people(reason: SharedPeople, film: Film, title: str) -> str:
    names_by_id: Mapping[str, str] = {credit.person_id or credit.name: credit.name for credit in film.credits}
    names = join_limited([escape_line(names_by_id.get(person, person), 60) for person in reason.people], 160)
    if reason.job == "directors":
        plural = "s" if len(reason.people) > 1 else ""
        return f"same director{plural} as {title}: {names}"
    return f"with {names}, as in {title}"


def _describe_shared_attributes(reason: SharedAttributes) -> str:
    named = {"languages": language_name, "countries": country_name}.get(reason.field, str)
    names = ", ".join(escape_line(named(value), 40) for value in reason.values[:3])
    return {"languages": f"in {names}", "countries": f"made in {names}"}.get(reason.field, names)
