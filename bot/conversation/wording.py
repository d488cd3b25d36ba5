"""What was understood, and why a film is shown, in words."""

from collections.abc import Callable, Mapping, Sequence

from bot.conversation.keyword_names import spell_names
from bot.conversation.models import (
    Answer,
    FilmDocument,
    Novelty,
    Part,
    Question,
    Reason,
    ReasonKind,
    Request,
    TextKind,
)
from bot.conversation.vocabulary import OWN_SERVICES
from bot.core.text.cldr import country_name, format_list, language_name
from bot.core.text.formatting import format_runtime, join_limited, join_list
from bot.core.text.i18n import SOURCE_LOCALE, _, get_locale, gettext_noop, ngettext
from bot.films.local_titles import known_title

SHOWN_CODES = 3
WORDS_LIMIT = 100
_NOVELTY = {
    Novelty.UNSEEN: gettext_noop("not seen yet"),
    Novelty.OBSCURE: gettext_noop("lesser known"),
    Novelty.CLASSIC: gettext_noop("a classic"),
    Novelty.POPULAR: gettext_noop("popular"),
}
_TONES = {
    "cosy": gettext_noop("cosy"),
    "laugh": gettext_noop("funny"),
    "cry": gettext_noop("sad"),
    "thrill": gettext_noop("exciting"),
    "scare": gettext_noop("scary"),
    "think": gettext_noop("thoughtful"),
    "wonder": gettext_noop("wondrous"),
    "dark": gettext_noop("dark"),
}


def describe_part(part: Part, request: Request, titles: Mapping[str, str]) -> str:
    """Return one part of a request in a few words; `titles` are those of the films that it names, by id."""
    values = part.values
    describe = _DESCRIBERS.get(part.field)
    if describe is not None:
        return describe(values)
    match part.field:
        case "like":
            return _("like {title}").format(title=titles.get(values[0], values[0]))
        case "year_from" | "year_to":
            return _describe_years(request)
        case "runtime_min" | "runtime_max":
            return _describe_runtime(request)
        case "novelty":
            return _(_NOVELTY[Novelty(values[0])])
    return join_limited(values, WORDS_LIMIT)


def _join_codes(codes: tuple[str, ...], name: Callable[[str], str]) -> str:
    names = [name(code) for code in codes]
    if len(names) > SHOWN_CODES:
        return _("{names} and {count} more").format(
            names=join_list(names[:SHOWN_CODES]), count=len(names) - SHOWN_CODES
        )
    return format_list(names, "or")


def _join_keywords(keywords: Sequence[str]) -> str:
    return join_limited([spell_names(each) for each in keywords], WORDS_LIMIT)


def _negated(text: str) -> str:
    return _("no {thing}").format(thing=text)


_DESCRIBERS: dict[str, Callable[[tuple[str, ...]], str]] = {
    "countries": lambda values: _join_codes(values, country_name),
    "not_countries": lambda values: _("not from {country}").format(country=_join_codes(values, country_name)),
    "languages": lambda values: _("in {language}").format(language=_join_codes(values, language_name)),
    "not_languages": lambda values: _("not in {language}").format(language=_join_codes(values, language_name)),
    "any_genres": lambda values: format_list([_(value) for value in values], "or"),
    "genres": lambda values: join_limited([_(value) for value in values], WORDS_LIMIT),
    "not_genres": lambda values: _negated(_(values[0])),
    "not_words": lambda values: _negated(spell_names(values[0])),
    "not_people": lambda values: _("without {name}").format(name=values[0]),
    "people": lambda values: _("with {name}").format(name=values[0]),
    "services": lambda values: _("on {services}").format(
        services=format_list([_("your services") if value == OWN_SERVICES else value for value in values], "or")
    ),
    "group": lambda values: _("for a group"),
    "tones": lambda values: _(_TONES.get(values[0], values[0])),
    "not_tones": lambda values: _("not {mood}").format(mood=_(_TONES.get(values[0], values[0]))),
    "is_highly_rated": lambda values: _("well rated"),
    "words": lambda values: _("about {words}").format(words=_join_keywords(values)),
}


def _describe_years(request: Request) -> str:
    first, last = request.year_from, request.year_to
    if first is not None and last is not None:
        if first == last:
            return str(first)
        if first % 10 == 0 and last == first + 9:
            return _("the {decade}s").format(decade=first)
        return _("{first} to {last}").format(first=first, last=last)
    if first is not None:
        return _("from {year} on").format(year=first)
    return _("up to {year}").format(year=last)


def _describe_runtime(request: Request) -> str:
    least, greatest = request.runtime_min, request.runtime_max
    if least is not None and greatest is not None:
        return _("{least} to {greatest} min").format(least=least, greatest=greatest)
    if greatest is not None:
        text = _("under {length}") if request.is_runtime_open else _("at most {length}")
        return text.format(length=_format_length(greatest))
    text = _("over {length}") if request.is_runtime_open else _("at least {length}")
    return text.format(length=_format_length(least or 0))


def _format_length(minutes: int) -> str:
    return (
        _("{hours} h").format(hours=minutes // 60) if minutes % 60 == 0 else _("{count} min").format(count=minutes)
    )


def describe_reason(reason: Reason, film: FilmDocument) -> str:
    """Return why a film is shown, in a sentence without its full stop."""
    values = join_limited(reason.values, WORDS_LIMIT)
    compared = known_title(reason.film.id, reason.film.title) if reason.film is not None else ""
    match reason.kind:
        case ReasonKind.ABOUT:
            return _("Matches what you remember: {words}").format(words=_join_keywords(reason.values))
        case ReasonKind.PERSON:
            return _describe_person(reason.values, film)
        case ReasonKind.LIKE_PERSON:
            return _("Shares {names} with {title}").format(title=compared, names=values)
        case ReasonKind.LIKE_ABOUT:
            return _("Also about {words}, like {title}").format(
                title=compared, words=_join_keywords(reason.values)
            )
        case ReasonKind.LIKE_GENRES:
            if not reason.values:
                return _("A story like {title}").format(title=compared)
            values = join_limited([_(genre) for genre in reason.values], WORDS_LIMIT)
            return _("{genres}, like {title}").format(genres=values, title=compared)
        case ReasonKind.TITLE:
            return _("Matches the title")
    return _describe_facts(film, next(iter(reason.values or film.countries), None))


def _describe_facts(film: FilmDocument, country_code: str | None) -> str:
    """Return what a film is: its genres, one of its countries, and its length."""
    genres = join_limited([_(genre) for genre in film.genres[:3]], WORDS_LIMIT) or _("Film")
    if country_code is None:
        return genres
    country = country_name(country_code)
    if film.runtime is None:
        return _("{genres} from {country}").format(genres=genres, country=country)
    return _("{genres} from {country}, {length}").format(
        genres=genres, country=country, length=format_runtime(film.runtime)
    )


def _describe_person(names: tuple[str, ...], film: FilmDocument) -> str:
    directors = tuple(name for name in names if name in film.directors)
    if directors == names:
        return _("Directed by {names}").format(names=join_limited(names, WORDS_LIMIT))
    return _("With {names}").format(names=join_limited(names, WORDS_LIMIT))


def describe_answer(answer: Answer, titles: Mapping[str, str]) -> str:
    """Return the line above the films: what was understood, what was not, and what keeps films from fitting."""
    understood = answer.understood
    request = understood.request
    lines = []
    parts = [describe_part(part, request, titles) for part in request.parts()]
    if parts and understood.kind is TextKind.REQUEST:
        lines.append(" · ".join(parts))
    if understood.not_understood and answer.films:
        words = join_limited(understood.not_understood, WORDS_LIMIT)
        lines.append(_("I didn't understand: {words}.").format(words=words))
    if understood.kind is TextKind.REQUEST and not answer.films and not request.is_empty:
        lines.append(describe_nothing_fits(answer, titles))
    return "\n".join(lines)


def describe_language_limit() -> str:
    """Return a quiet line for readers of other languages, whose descriptions are not understood; "" in English."""
    if get_locale().partition("-")[0] == SOURCE_LOCALE:
        return ""
    # Translators: shown under the answer to a member who described a film in their own words
    note = _("I only understand descriptions in English.")
    return f"-# {note}"


def describe_nothing_fits(answer: Answer, titles: Mapping[str, str]) -> str:
    """Return that no film fits, and what to leave out for some to fit."""
    if answer.dropped is None:
        return _("No film matches all of that. Try asking for less.")
    part = describe_part(answer.dropped, answer.understood.request, titles)
    count = answer.dropped_count
    return ngettext(
        "No film matches all of that. Without “{part}”, {count} film does.",
        "No film matches all of that. Without “{part}”, {count} films do.",
        count,
    ).format(part=part, count=count)


def describe_question(question: Question) -> str:
    """Return a question that tells films apart."""
    match question.field:
        case "countries":
            return _("Is it from {country}?").format(country=country_name(question.value))
        case "genres":
            return _("Is “{genre}” one of its genres?").format(genre=_(question.value))
        case "years":
            return _("Did it come out before {year}?").format(year=question.value)
    return _("Does it involve {keyword}?").format(keyword=spell_names(question.value))


def describe_what_i_can() -> str:
    """Return what to say to a text that asks for nothing that films can answer."""
    return _(
        "I find films. Tell me what you're in the mood for, or what you remember about one. "
        "Use `/help` to see what else I can do."
    )
