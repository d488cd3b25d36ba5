"""Recommended films and their reasons in words."""

from collections.abc import Iterable, Mapping

from bot.core.text.cldr import country_name, format_number, language_name
from bot.core.text.formatting import escape_line, join_list
from bot.core.text.i18n import _, gettext_noop, ngettext
from bot.films.local_titles import known_title, shown_title
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
from bot.reviews.stars import format_mean, format_stars

MAX_REASONS = 4
"""Reasons shown for one film."""
NO_REASON = gettext_noop("Based on all your ratings")
TITLE_LIMIT = 80
ENOUGH_FOR_PERCENT = 20
"""People from whom on a share is told in percent."""
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
            if reason.likers >= ENOUGH_FOR_PERCENT:
                return _("{percent}% of people who liked {title} also liked this").format(
                    percent=f"{100 * reason.liked_both / reason.likers:.0f}",
                    title=format_title(films, reason.film_id),
                )
            return _("{count} of {total} people who liked {title} also liked this").format(
                count=format_number(reason.liked_both),
                total=format_number(reason.likers),
                title=format_title(films, reason.film_id),
            )
        case ServerMean():
            return ngettext(
                "★ {average} average here from {count} rating",
                "★ {average} average here from {count} ratings",
                reason.raters,
            ).format(average=format_mean(reason.stars), count=format_number(reason.raters))
        case SharedPeople():
            return _describe_shared_people(reason, film, format_title(films, reason.film_id))
        case SharedAttributes():
            return _describe_shared_attributes(reason, format_title(films, reason.film_id))


def describe_similarity(reasons: Iterable[Reason], film: Film) -> str:
    """Return in a few words what the film has in common with another one, as in `Same director · Crime, Drama`."""
    parts: dict[str, str] = {}
    for reason in reasons:
        match reason:
            case SharedPeople(job="directors"):
                parts.setdefault("director", _("Same director"))
            case SharedPeople():
                parts.setdefault("people", _("With {names}").format(names=_format_people(reason, film)))
            case SharedAttributes():
                parts.setdefault(reason.field, _format_attributes(reason))
            case PeopleWhoLiked():
                parts.setdefault("likers", _("Liked by the same people"))
            case _:
                pass
    order = ("director", "people", "genres", "likers", "languages", "countries")
    ordered = sorted(parts, key=lambda kind: order.index(kind) if kind in order else len(order))
    return " · ".join(parts[kind] for kind in ordered[:2])


def format_title(films: FilmService, film_id: str) -> str:
    """Return the film's title in bold, "" if the catalogue no longer has it."""
    entry = films.index.get(film_id)
    return f"**{escape_line(known_title(film_id, entry.title), TITLE_LIMIT)}**" if entry is not None else ""


def format_dated_title(films: FilmService, film_id: str) -> str:
    """Return the film's title and year in bold, "" if the catalogue no longer has it."""
    entry = films.index.get(film_id)
    return f"**{escape_line(shown_title(entry), TITLE_LIMIT)}**" if entry is not None else ""


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
    cited = [(stars, title) for stars, titles in by_stars.items() for title in titles]
    stars, title = format_stars(round(2 * cited[0][0])), cited[0][1]
    if len(cited) == 1:
        return _("Because you gave {stars} to {title}").format(stars=stars, title=title)
    other_stars, other = format_stars(round(2 * cited[1][0])), cited[1][1]
    if stars == other_stars:
        sentence = _("Because you gave {stars} to {title} and {other}")
        return sentence.format(stars=stars, title=title, other=other)
    sentence = _("Because you gave {stars} to {title} and {other_stars} to {other}")
    return sentence.format(stars=stars, title=title, other_stars=other_stars, other=other)


MOST_PEOPLE, SHOWN_PEOPLE = 3, 2
"""People that a reason names, and how many of more than these."""


def _format_people(reason: SharedPeople, film: Film) -> str:
    names_by_id: Mapping[str, str] = {credit.person_id or credit.name: credit.name for credit in film.credits}
    names = [escape_line(names_by_id.get(person, person), 60) for person in reason.people]
    if len(names) > MOST_PEOPLE:
        count = len(names) - SHOWN_PEOPLE
        return _("{names} and {count} more").format(names=join_list(names[:SHOWN_PEOPLE]), count=count)
    return join_list(names)


def _describe_shared_people(reason: SharedPeople, film: Film, title: str) -> str:
    names = _format_people(reason, film)
    if reason.job == "directors":
        sentence = ngettext(
            "Same director as {title}: {names}", "Same directors as {title}: {names}", len(reason.people)
        )
        return sentence.format(title=title, names=names)
    return _("With {names}, as in {title}").format(names=names, title=title)


def _format_attributes(reason: SharedAttributes) -> str:
    named = {"languages": language_name, "countries": country_name}.get(reason.field, _)
    names = join_list(escape_line(named(value), 40) for value in reason.values[:3])
    match reason.field:
        case "languages":
            return _("In {languages}").format(languages=names)
        case "countries":
            return _("Made in {countries}").format(countries=names)
    return names


def _describe_shared_attributes(reason: SharedAttributes, title: str) -> str:
    return _("{attributes}, like {title}").format(attributes=_format_attributes(reason), title=title)
