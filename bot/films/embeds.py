"""What Discord shows of films and people beside the film card."""

from collections.abc import Sequence

import discord
from discord import ui

from bot.core.discord import COLOUR
from bot.core.images.title_card import create_title_card
from bot.core.paging import clamp_page, count_pages
from bot.core.text.escaping import escape_line, escape_line_to_fit
from bot.core.text.formatting import clean_line, format_runtime, truncate, with_year
from bot.films.card import TMDB_NOTICE, format_credit, join_names, pluralise
from bot.films.metadata import Collection, Details
from bot.films.models import CreditJob, Film, FilmographyEntry, Lookup, Person, SourceState

PEOPLE_ON_PAGE = 15
FILMS_ON_PAGE = 10
COLLECTION_PARTS_SHOWN = 24
_JOBS = {
    CreditJob.DIRECTOR: "director",
    CreditJob.WRITER: "writer",
    CreditJob.COMPOSER: "music",
    CreditJob.CAST: "cast",
}


def build_no_film_embed(lookup: Lookup, film_count: int) -> discord.Embed:
    """Return the answer to a look-up that shows no film; the titles to choose from go below it as buttons.

    `film_count` is how many films the catalogue has.
    """
    query = escape_line(lookup.text, 150)
    if lookup.is_reference:
        return _no_reference_embed(lookup)
    if lookup.has_no_words:
        subject = f"“{query}”" if query else "What you typed"
        description = f"{subject} has no letter and no digit, so there is nothing to look up. "
        description += "Type a title, in any spelling and language, or a part of one."
        return discord.Embed(title="No film found", description=description, colour=COLOUR)
    lines, title = [], f"No exact match for “{escape_line_to_fit(lookup.text, 150)}”"
    best = next(iter(lookup.others), None)
    if best is None:
        title = "No film found"
        lines.append(f"Nothing here is close to “{query}”.")
    elif lookup.unmet_year is not None or lookup.unmet_number is not None:
        name = " ".join(filter(None, (escape_line(best.title, 150), lookup.unmet_number)))
        dated = f"{name} from {lookup.unmet_year}" if lookup.unmet_year is not None else name
        lines += [f"No {dated} here.", f"Did you mean {escape_line(best.dated_title, 150)}?"]
    elif lookup.unmet:
        words = escape_line(", ".join(lookup.unmet), 100)
        lines.append(f"No {escape_line(best.title, 150)} here fits “{words}”. Did you mean one of these?")
    else:
        lines.append("Did you mean one of these?")
    lines.append(describe_source_state(lookup.source, film_count))
    return discord.Embed(title=title, description="\n".join(filter(None, lines)), colour=COLOUR)


def _no_reference_embed(lookup: Lookup) -> discord.Embed:
    """Return the answer to an id or an address of which no film is known."""
    if lookup.source is SourceState.DOWN:
        description = "TMDB can't be reached right now. Try again in a few minutes, or type the title."
    else:
        description = "That link or id leads to no film I know. Type the title instead."
    return discord.Embed(title="No film found", description=description, colour=COLOUR)


def describe_source_state(source: SourceState, film_count: int) -> str:
    """Return what a member should know of where a film was looked for, or "" if there is nothing to say."""
    if source is SourceState.ABSENT:
        return f"-# I know {film_count:,} films. The owner of this bot can add a TMDB key so that I know more."
    if source is SourceState.DOWN:
        return "-# TMDB can't be reached right now, so I only looked among the films I know."
    return ""


def describe_nothing_else(query: str, source: SourceState) -> str:
    """Return the answer to “Not this one?” where no other film is close."""
    sentence = f"I know no other film close to “{query}”. Try more of the title, or its year."
    if source is SourceState.DOWN:
        sentence += " TMDB can't be reached right now."
    return sentence


def build_cast_embed(film: Film, page: int) -> discord.Embed:
    """Return one page of the cast, the first with the crew; a page past the end is the last one."""
    pages = count_pages(len(film.cast), PEOPLE_ON_PAGE)
    page = clamp_page(page, len(film.cast), PEOPLE_ON_PAGE)
    embed = discord.Embed(title=f"Cast of {escape_line_to_fit(film.dated_title, 240)}", colour=COLOUR)
    cast = film.cast[page * PEOPLE_ON_PAGE : (page + 1) * PEOPLE_ON_PAGE]
    embed.description = "\n".join(format_credit(credit) for credit in cast)
    if page == 0:
        crew = (
            (pluralise("Director", film.directors), film.directors),
            (pluralise("Writer", film.list_names(CreditJob.WRITER)), film.list_names(CreditJob.WRITER)),
            ("Music", film.list_names(CreditJob.COMPOSER)),
            ("Production", film.production_companies),
        )
        for heading, names in crew:
            if names:
                embed.add_field(name=heading, value=join_names(names))
    if pages > 1:
        embed.set_footer(text=f"Page {page + 1} of {pages}")
    return embed


def stills_gallery(film: Film, details: Details) -> ui.LayoutView:
    """Return the film's stills as a gallery, each with its alt text, and TMDB's attribution."""
    name = clean_line(film.dated_title)
    count = len(details.stills)
    pictures = [
        discord.MediaGalleryItem(url, description=truncate(f"Still {number} of {count} from {name}", 256))
        for number, url in enumerate(details.stills, 1)
    ]
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.TextDisplay(f"### Stills from {escape_line(name, 200)}"))
    view.add_item(ui.MediaGallery(*pictures))
    view.add_item(ui.TextDisplay(f"-# {TMDB_NOTICE}"))
    view.stop()  # as every view of Marquee's: discord.py keeps none in memory
    return view


def build_collection_embed(collection: Collection, source_id: str) -> discord.Embed:
    """Return the films of the collection, with the one of that id at the source marked."""
    embed = discord.Embed(title=escape_line(collection.name, 200), colour=COLOUR)
    lines = []
    for number, part in enumerate(collection.parts[:COLLECTION_PARTS_SHOWN], 1):
        line = f"{number}. {escape_line(with_year(part.title, part.year), 150)}"
        if part.source_id == source_id:
            line = f"{number}. **{escape_line(with_year(part.title, part.year), 150)}** (this one)"
        lines.append(line)
    embed.description = "\n".join(lines)
    embed.set_footer(text=TMDB_NOTICE)
    return embed


def build_person_embed(person: Person, films: Sequence[FilmographyEntry], page: int, pages: int) -> discord.Embed:
    """Return one page of a person's films, newest first; `films` are all of them."""
    embed = discord.Embed(title=escape_line_to_fit(person.name, 256), colour=COLOUR)
    shown = films[page * FILMS_ON_PAGE : (page + 1) * FILMS_ON_PAGE]
    embed.description = "\n".join(_filmography_line(film) for film in shown) or "No film in the catalogue."
    if pages > 1:
        embed.set_footer(text=f"{len(films)} films · page {page + 1} of {pages}")
    return embed


def _filmography_line(film: FilmographyEntry) -> str:
    jobs = [_JOBS[job] for job in film.jobs if job is not CreditJob.CAST]
    if CreditJob.CAST in film.jobs:
        jobs.append(f"as {escape_line(' / '.join(film.roles), 100)}" if film.roles else "cast")
    return f"**{escape_line(with_year(film.title, film.year), 150)}** · {', '.join(jobs)}"


def format_bold_title(title: str, year: int | None, limit: int) -> str:
    """Return the title with its year, in bold, cut to `limit` characters."""
    return f"**{escape_line(with_year(title, year), limit)}**"


def describe_nobody_found(text: str, nearest: Sequence[Person]) -> str:
    """Return the answer to a look-up that found no person, with the people of the nearest names."""
    query = escape_line(text, 100)
    answer = f"Nobody in the catalogue is called “{query}”." if query else "There is no name in that."
    if nearest:
        answer += " The nearest: " + ", ".join(escape_line(person.name, 80) for person in nearest) + "."
    return answer


def create_film_title_card(film: Film, colour: discord.Colour) -> discord.File:
    """Return the film's title card as PNG: its title, its original title, year, directors and runtime."""
    facts = [str(film.year)] if film.year else []
    facts += [truncate(clean_line(name), 40) for name in film.directors[:2]]
    if film.runtime:
        facts.append(format_runtime(film.runtime))
    return create_title_card(
        film.titles, fallback=film.id, original_title=film.original_title, facts=facts, colour=colour
    )
