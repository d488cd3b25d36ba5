"""What Discord shows of films and people beside the film card, and the wording that they share."""

from collections.abc import Sequence

import discord
from discord import ui

from bot.core.discord import COLOUR
from bot.core.images.title_card import create_title_card
from bot.core.text.escaping import escape_line, escape_line_to_fit
from bot.core.text.formatting import clean_line, format_runtime, join_limited, truncate, with_year
from bot.films.metadata import Collection, CollectionPart, Details
from bot.films.models import Credit, Film, Job, Lookup
from bot.films.people import FilmographyEntry, Person
from bot.search.index import Match, MatchKind

MENU_OPTIONS_LIMIT = 25
"""Options that Discord takes in one menu."""
PEOPLE_ON_PAGE = 15
FILMS_ON_PAGE = 10
COLLECTION_PARTS_SHOWN = 24
TMDB_NOTICE = "This product uses the TMDB API but is not endorsed or certified by TMDB."
"""TMDB's attribution, in the words that its terms of use require."""
_JOBS = {Job.DIRECTOR: "director", Job.WRITER: "writer", Job.COMPOSER: "music", Job.CAST: "cast"}


def nothing_found_embed(lookup: Lookup) -> discord.Embed:
    """Return the answer to a look-up that found no film; the nearest titles, if any, go below it as buttons."""
    query = escape_line(lookup.text, 150)
    description = f"Nothing in the catalogue is close to “{query}”."
    if lookup.has_no_words:
        subject = f"“{query}”" if query else "What you typed"
        description = f"{subject} has no letter and no digit, so there is nothing to look up. "
        description += "Type a title, in any spelling and language, or a part of one."
    if lookup.others:
        description += "\nThe nearest titles:"
    return discord.Embed(title="No film found", description=description, colour=COLOUR)


def describe_alternatives(lookup: Lookup | None) -> str | None:
    """Return the sentence that several films fit the query, or None if only one does."""
    if lookup is None or not lookup.others:
        return None
    count, menu = len(lookup.others) + 1, "them all"
    films = f"{count} films"
    if count >= MENU_OPTIONS_LIMIT:  # look-up returns no more than the menu holds
        films, menu = f"{films} or more", "the likeliest"
    return (
        f"**{films} fit “{escape_line(lookup.text, 100)}” about as well.** "
        f"This is the one most people ask for; the menu has {menu}."
    )


def describe_match(film: Film, match: Match | None) -> str | None:
    """Return by which title the film was found and how exactly, or None for its main title."""
    if match is None or (match.kind is MatchKind.EXACT and match.matched == film.title):
        return None
    title = truncate(clean_line(match.matched), 150)
    return f"Matched by “{title}”" + ("" if match.kind is MatchKind.EXACT else f" · {match.kind.value}")


def describe_collection(details: Details, collection: Collection | None) -> str | None:
    """Return the film's collection and its place in it, as in `John Wick, 4 of 5`; None if it is in none."""
    if details.collection is None:
        return None
    place = collection.get_position(details.source_id) if collection is not None else None
    if collection is None or place is None:
        return details.collection.name
    return f"{details.collection.name}, {place} of {len(collection.parts)}"


def pluralise(word: str, values: Sequence[str]) -> str:
    """Return the word in the singular for one value, else in the plural."""
    if len(values) == 1:
        return word
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


def join_names(names: Sequence[str]) -> str:
    """Return the names separated by commas, each and all of them cut to what a card has room for."""
    return join_limited([escape_line(name, 100) for name in names], 500)


def format_credit(credit: Credit) -> str:
    """Return an actor with the role, as in `Jeon Jong-seo as Ok-ju`."""
    name = escape_line(credit.name, 80)
    return f"{name} as {escape_line(credit.role, 100)}" if credit.role else name


def cast_embed(film: Film, page: int) -> tuple[discord.Embed, int]:
    """Return one page of the cast, the first with the crew, and how many pages there are."""
    pages = max(1, -(-len(film.cast) // PEOPLE_ON_PAGE))
    page = min(page, pages - 1)
    embed = discord.Embed(title=f"Cast of {escape_line_to_fit(film.dated_title, 240)}", colour=COLOUR)
    cast = film.cast[page * PEOPLE_ON_PAGE : (page + 1) * PEOPLE_ON_PAGE]
    embed.description = "\n".join(format_credit(credit) for credit in cast)
    if page == 0:
        crew = (
            (pluralise("Director", film.directors), film.directors),
            (pluralise("Writer", film.list_names(Job.WRITER)), film.list_names(Job.WRITER)),
            ("Music", film.list_names(Job.COMPOSER)),
            ("Production", film.production_companies),
        )
        for heading, names in crew:
            if names:
                embed.add_field(name=heading, value=join_names(names))
    if pages > 1:
        embed.set_footer(text=f"Page {page + 1} of {pages}")
    return embed, pages


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
    return view


def collection_embed(collection: Collection, source_id: str) -> tuple[discord.Embed, list[CollectionPart]]:
    """Return the films of the collection, and those of them that are not the film of that id at the source."""
    embed = discord.Embed(title=escape_line(collection.name, 200), colour=COLOUR)
    lines, others = [], []
    for number, part in enumerate(collection.parts[:COLLECTION_PARTS_SHOWN], 1):
        line = f"{number}. {escape_line(with_year(part.title, part.year), 150)}"
        if part.source_id == source_id:
            line = f"{number}. **{escape_line(with_year(part.title, part.year), 150)}** (this one)"
        else:
            others.append(part)
        lines.append(line)
    embed.description = "\n".join(lines)
    embed.set_footer(text=TMDB_NOTICE)
    return embed, others


def person_embed(person: Person, films: Sequence[FilmographyEntry], page: int, pages: int) -> discord.Embed:
    """Return one page of a person's films, newest first; `films` are all of them."""
    embed = discord.Embed(title=escape_line_to_fit(person.name, 256), colour=COLOUR)
    shown = films[page * FILMS_ON_PAGE : (page + 1) * FILMS_ON_PAGE]
    embed.description = "\n".join(_filmography_line(film) for film in shown) or "No film in the catalogue."
    if pages > 1:
        embed.set_footer(text=f"{len(films)} films · page {page + 1} of {pages}")
    return embed


def _filmography_line(film: FilmographyEntry) -> str:
    jobs = [_JOBS[job] for job in film.jobs if job is not Job.CAST]
    if Job.CAST in film.jobs:
        jobs.append(f"as {escape_line(' / '.join(film.roles), 100)}" if film.roles else "cast")
    return f"**{escape_line(with_year(film.title, film.year), 150)}** · {', '.join(jobs)}"


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
