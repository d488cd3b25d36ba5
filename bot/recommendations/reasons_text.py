"""Reasons in words. Each says what the recommender worked out, and nothing it did not."""

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

TOLD = 4
"""Reasons told of one film."""
NO_REASON = "No single rating of yours stands behind it; all of them together do."
TITLE_LIMIT = 80
_ORDER = (BecauseYouRated, SharedPeople, PeopleWhoLiked, SharedAttributes, ServerMean)


def told(reasons: Iterable[Reason], film: Film, catalogue: FilmService) -> list[str]:
    """Give the reasons for the film in words, the most personal first, one of each kind."""
    chosen: dict[tuple[type[Reason], str], Reason] = {}
    for reason in reasons:
        if not (isinstance(reason, ServerMean | BecauseYouRated) or title_of(catalogue, reason.film_id)):
            continue
        chosen.setdefault((type(reason), _kind(reason)), reason)
    ordered = sorted(chosen.values(), key=lambda reason: _ORDER.index(type(reason)))
    kinds = [reason for reason in ordered if not isinstance(reason, ServerMean)][: TOLD - 1]
    means = [reason for reason in ordered if isinstance(reason, ServerMean)]
    return [text for reason in (*kinds, *means) if (text := words(reason, film, catalogue))]


def words(reason: Reason, film: Film, catalogue: FilmService) -> str:
    """Give one reason in words, "" where what it names has left the catalogue."""
    match reason:
        case BecauseYouRated():
            return _because(reason.ratings, catalogue)
        case PeopleWhoLiked():
            title = title_of(catalogue, reason.film_id)
            return f"{reason.liked_both:,} of {reason.likers:,} who liked {title} liked it"
        case ServerMean():
            return f"the server's ★ {reason.stars:.1f} from {reason.raters:,}"
        case SharedPeople():
            return _people(reason, film, title_of(catalogue, reason.film_id))
        case SharedAttributes():
            return f"{_shared(reason)} like {title_of(catalogue, reason.film_id)}"


def title_of(catalogue: FilmService, film_id: str) -> str:
    """Give the film's title in bold, "" where the catalogue no longer has it."""
    entry = catalogue.index.get(film_id)
    return f"**{escape_line(entry.title, TITLE_LIMIT)}**" if entry is not None else ""


def _kind(reason: Reason) -> str:
    match reason:
        case SharedPeople():
            return reason.job
        case SharedAttributes():
            return reason.field
    return ""


def _because(rated: Iterable[CitedRating], catalogue: FilmService) -> str:
    by_stars: dict[float, list[str]] = {}
    for each in rated:
        if title := title_of(catalogue, each.film_id):
            by_stars.setdefault(each.stars, []).append(title)
    if not by_stars:
        return ""
    given = [f"{format_stars(round(2 * stars))} to {' and '.join(titles)}" for stars, titles in by_stars.items()]
    return f"because you gave {' and '.join(given)}"


def _people(reason: SharedPeople, film: Film, title: str) -> str:
    known: Mapping[str, str] = {credit.person_id or credit.name: credit.name for credit in film.credits}
    names = join_limited([escape_line(known.get(person, person), 60) for person in reason.people], 160)
    if reason.job == "directors":
        many = "s" if len(reason.people) > 1 else ""
        return f"same director{many} as {title}: {names}"
    return f"with {names}, as in {title}"


def _shared(reason: SharedAttributes) -> str:
    named = {"languages": language_name, "countries": country_name}.get(reason.field, str)
    names = ", ".join(escape_line(named(value), 40) for value in reason.values[:3])
    return {"languages": f"in {names}", "countries": f"made in {names}"}.get(reason.field, names)
