"""What Discord shows of films and people beside the film card."""

from collections.abc import Sequence

import discord
from discord import ui

from bot.core.discord import COLOUR
from bot.core.paging import clamp_page, count_pages
from bot.core.text.cldr import format_number
from bot.core.text.formatting import clean_line, escape_line, escape_line_to_fit, join_list, truncate, with_year
from bot.core.text.i18n import _, gettext_noop, ngettext
from bot.films.card import TMDB_CREDIT, format_credit, join_names
from bot.films.local_titles import TitledFilm, shown_title
from bot.films.metadata import Collection, Details, PersonDetails
from bot.films.models import CreditJob, Film, FilmographyEntry, Lookup, Person, SourceState

PEOPLE_ON_PAGE = 15
FILMS_ON_PAGE = 10
COLLECTION_PARTS_SHOWN = 24
_JOBS = {
    CreditJob.DIRECTOR: gettext_noop("director"),
    CreditJob.WRITER: gettext_noop("writer"),
    CreditJob.COMPOSER: gettext_noop("music"),
    CreditJob.CAST: gettext_noop("cast"),
}


def build_no_film_embed(lookup: Lookup, film_count: int) -> discord.Embed:
    """Return the answer to a look-up that shows no film; the titles to choose from go below it as buttons.

    `film_count` is how many films the catalogue has.
    """
    query = escape_line(lookup.text, 150)
    if lookup.is_reference:
        return _no_reference_embed(lookup)
    if lookup.has_no_words:
        description = _("Type a title or part of one, in any spelling or language.")
        return discord.Embed(title=_("No film found"), description=description, colour=COLOUR)
    lines, title = [], _("No exact match for “{text}”").format(text=escape_line_to_fit(lookup.text, 150))
    best = next(iter(lookup.others), None)
    if best is None:
        title = _("No film found")
        lines.append(
            _("Nothing matches “{text}”. Check the spelling, or type less of the title.").format(text=query)
        )
        lines.append(_("To describe a film you half remember, use `/ask`."))
    elif lookup.unmet_year is not None or lookup.unmet_number is not None:
        name = " ".join(filter(None, (escape_line(best.shown_title, 150), lookup.unmet_number)))
        message = _("I don't know a film called {name}. Did you mean {title}?")
        if lookup.unmet_year is not None:
            message = _("I don't know {name} from {year}. Did you mean {title}?")
        title_meant = escape_line(best.dated_title, 150)
        lines.append(message.format(name=name, year=lookup.unmet_year, title=title_meant))
    elif lookup.unmet:
        words = escape_line(join_list(lookup.unmet), 100)
        message = _("No film called {title} matches “{words}”. Did you mean one of these?")
        lines.append(message.format(title=escape_line(best.shown_title, 150), words=words))
    else:
        lines.append(_("Did you mean one of these?") if len(lookup.others) > 1 else _("Did you mean this film?"))
    lines.append(describe_source_state(lookup.source, film_count))
    return discord.Embed(title=title, description="\n".join(filter(None, lines)), colour=COLOUR)


def _no_reference_embed(lookup: Lookup) -> discord.Embed:
    """Return the answer to an id or an address of which no film is known."""
    if lookup.source is SourceState.DOWN:
        description = _("I can't reach TMDB right now. Try again in a few minutes, or type the title.")
    else:
        description = _("I can't find a film for that link or ID. Type the title instead.")
    return discord.Embed(title=_("No film found"), description=description, colour=COLOUR)


def describe_source_state(source: SourceState, film_count: int) -> str:
    """Return what a member should know of where a film was looked for, or "" if there is nothing to say."""
    if source is SourceState.ABSENT:
        message = ngettext(
            "I know {count} film. The bot's owner can add a TMDB key to cover many more.",
            "I know {count} films. The bot's owner can add a TMDB key to cover many more.",
            film_count,
        )
        return f"-# {message.format(count=format_number(film_count))}"
    if source is SourceState.DOWN:
        message = _("I can't reach TMDB right now, so I only searched the films I already know.")
        return f"-# {message}"
    return ""


def describe_nothing_else(query: str, source: SourceState) -> str:
    """Return the answer to “Not this one?” where no other film is close."""
    if source is SourceState.DOWN:
        return _("I found no other film for “{text}”, and I can't reach TMDB right now. Try again later.").format(
            text=query
        )
    return _("I found no other film for “{text}”. Add more of the title, or the year.").format(text=query)


def build_cast_embed(film: Film, page: int) -> discord.Embed:
    """Return one page of the cast, the first with the crew; a page past the end is the last one."""
    pages = count_pages(len(film.cast), PEOPLE_ON_PAGE)
    page = clamp_page(page, len(film.cast), PEOPLE_ON_PAGE)
    title = _("Cast of {title}").format(title=escape_line_to_fit(film.shown_title, 240))
    embed = discord.Embed(title=truncate(title, 256), colour=COLOUR)
    cast = film.cast[page * PEOPLE_ON_PAGE : (page + 1) * PEOPLE_ON_PAGE]
    embed.description = "\n".join(format_credit(credit) for credit in cast)
    if page == 0:
        writers = film.list_names(CreditJob.WRITER)
        crew = (
            (ngettext("Director", "Directors", len(film.directors)), film.directors),
            (ngettext("Writer", "Writers", len(writers)), writers),
            (_("Music"), film.list_names(CreditJob.COMPOSER)),
            (_("Production"), film.production_companies),
        )
        for heading, names in crew:
            if names:
                embed.add_field(name=heading, value=join_names(names))
    if pages > 1:
        embed.set_footer(text=_("Page {page} of {pages}").format(page=page + 1, pages=pages))
    return embed


def stills_gallery(film: Film, details: Details) -> ui.LayoutView:
    """Return the film's stills as a gallery, each with its alt text, and TMDB's attribution."""
    name = clean_line(film.shown_title)
    count = len(details.stills)
    # Translators: the text for those who can't see the picture
    alt_text = _("Still {number} of {count} from {title}")
    heading = _("Stills from {title}").format(title=escape_line(name, 200))
    pictures = [
        discord.MediaGalleryItem(
            url, description=truncate(alt_text.format(number=number, count=count, title=name), 256)
        )
        for number, url in enumerate(details.stills, 1)
    ]
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.TextDisplay(f"### {heading}"))
    view.add_item(ui.MediaGallery(*pictures))
    view.add_item(ui.TextDisplay(f"-# {_(TMDB_CREDIT)}"))
    view.stop()  # as every view of Marquee's: discord.py keeps none in memory
    return view


def build_collection_embed(collection: Collection, source_id: str) -> discord.Embed:
    """Return the films of the collection, with the one of that id at the source marked."""
    embed = discord.Embed(title=escape_line(collection.name, 200), colour=COLOUR)
    lines = []
    for number, part in enumerate(collection.parts[:COLLECTION_PARTS_SHOWN], 1):
        title = escape_line(with_year(part.title, part.year), 150)
        if part.source_id == source_id:
            title = _("**{title}** (this one)").format(title=title)
        lines.append(f"{number}. {title}")
    embed.description = "\n".join(lines)
    embed.set_footer(text=_(TMDB_CREDIT))
    return embed


def build_person_embed(
    person: Person, films: Sequence[FilmographyEntry], page: int, pages: int, details: PersonDetails | None = None
) -> discord.Embed:
    """Return one page of a person's films, newest first; `films` are all of them.

    `details` are what the metadata source knows of the person, None for nothing.
    """
    embed = discord.Embed(title=escape_line_to_fit(person.name, 256), colour=COLOUR)
    footer = []
    if details is not None:
        if years := _describe_life(details):
            embed.title = escape_line_to_fit(person.name, 256 - len(years) - 3) + f" ({years})"
        if details.photo:
            embed.set_thumbnail(url=details.photo)
        footer.append(_(TMDB_CREDIT))
    shown = films[page * FILMS_ON_PAGE : (page + 1) * FILMS_ON_PAGE]
    embed.description = "\n".join(_filmography_line(film) for film in shown) or _(
        "I don't know any of their films."
    )
    if pages > 1:
        # Translators: below a list: how many films it has, and which page this is
        message = ngettext(
            "I know {count} film · page {page} of {pages}",
            "I know {count} films · page {page} of {pages}",
            len(films),
        )
        footer.insert(0, message.format(count=len(films), page=page + 1, pages=pages))
    if footer:
        embed.set_footer(text=" · ".join(footer))
    return embed


def _describe_life(details: PersonDetails) -> str:
    """Return the years in which somebody was born and died, "" where neither is known."""
    if details.born is not None and details.died is not None:
        return f"{details.born.year}–{details.died.year}"
    if details.born is not None:
        # Translators: the year in which a person was born, behind the name
        return _("born {year}").format(year=details.born.year)
    return _("died {year}").format(year=details.died.year) if details.died is not None else ""


def _filmography_line(film: FilmographyEntry) -> str:
    jobs = [_(_JOBS[job]) for job in film.jobs if job is not CreditJob.CAST or not film.roles]
    if CreditJob.CAST in film.jobs and film.roles:
        # Translators: a role in a list of what somebody did on a film: “director, as Travis Bickle”
        jobs.append(_("as {role}").format(role=escape_line(" / ".join(film.roles), 100)))
    return f"**{escape_line(shown_title(film), 150)}** · {', '.join(jobs)}"


def format_bold_title(film: TitledFilm, limit: int) -> str:
    """Return the film's title with its year, in bold, cut to `limit` characters."""
    return f"**{escape_line(shown_title(film), limit)}**"


def describe_nobody_found(text: str, nearest: Sequence[Person]) -> str:
    """Return the answer to a look-up that found no person, with the people of the nearest names."""
    query = escape_line(text, 100)
    if not query:
        return _("Type a name, or part of one.")
    if nearest:
        return _("I don't know anyone called “{name}”. Did you mean one of these?").format(name=query)
    return _("I don't know anyone called “{name}”. Check the spelling.").format(name=query)
