"""What members read about their imports: previews, progress, results, and why a file can't be read."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import discord

from bot.core.discord import COLOUR
from bot.core.discord.error_handler import formats_error
from bot.core.text.cldr import format_number
from bot.core.text.formatting import escape_line, join_limited, join_list, with_year
from bot.core.text.i18n import _, ngettext
from bot.imports.formats.files import (
    FILE_LIMIT,
    INFLATED_LIMIT,
    ROWS_LIMIT,
    FileProblem,
    UnreadableFileError,
)
from bot.imports.history import Kind, Problem, Service
from bot.imports.models import (
    DEFAULT_COUNTING,
    IMPORTS_PER_DAY,
    FilmState,
    Import,
    ImportCounting,
    ImportGoneError,
    ImportRunningError,
    ImportState,
    NothingToRepairError,
    Preview,
    Progress,
    StagedFilm,
    TooManyImportsError,
)
from bot.moderation.embeds import formats_setting

MEGABYTE = 1_000_000
KIND_ORDER = (Kind.RATINGS, Kind.DIARY, Kind.REVIEWS, Kind.WATCHLIST, Kind.LIKES)
NAMED_FILMS_LENGTH = 700
"""Characters of films named in one paragraph."""


def name_service(service: Service) -> str:
    """Return what the service is called."""
    names = {
        Service.LETTERBOXD: "Letterboxd",
        Service.IMDB: "IMDb",
        Service.TRAKT: "Trakt",
        Service.SIMKL: "Simkl",
        Service.MOVIELENS: "MovieLens",
        Service.TV_TIME: "TV Time",
        Service.MARQUEE: "Marquee",
        Service.LETTERBOXD_FEED: _("Letterboxd (followed)"),
    }
    return names.get(service) or _("a CSV file")


def count_kind(kind: Kind, count: int) -> str:
    """Return so many entries of that kind in words."""
    match kind:
        case Kind.RATINGS:
            text = ngettext("{count} rating", "{count} ratings", count)
        case Kind.DIARY:
            text = ngettext("{count} diary entry", "{count} diary entries", count)
        case Kind.REVIEWS:
            text = ngettext("{count} review", "{count} reviews", count)
        case Kind.WATCHLIST:
            text = ngettext("{count} film on your watchlist", "{count} films on your watchlist", count)
        case Kind.LIKES:
            text = ngettext("{count} like", "{count} likes", count)
        case Kind.LISTS:
            text = ngettext("{count} film on lists", "{count} films on lists", count)
    return text.format(count=format_number(count))


def build_preview_embed(preview: Preview, get_title: Callable[[str], str | None]) -> discord.Embed:
    """Return what taking a file would bring, before anything is stored.

    `get_title` returns what a film of the catalogue is called.
    """
    import_ = preview.import_
    title = ngettext("{count} film from {service}", "{count} films from {service}", import_.film_count).format(
        count=format_number(import_.film_count), service=name_service(import_.service)
    )
    lines = []
    for kind in KIND_ORDER:
        new, known = preview.count_new(kind), preview.count_known(kind)
        if not new and not known:
            continue
        parts = [count_kind(kind, new or known)]
        if new and known:
            parts.append(_("{count} more already here").format(count=format_number(known)))
        elif known:
            parts.append(_("already here"))
        if kind is Kind.REVIEWS and new:
            parts.append(
                ngettext("only you see it until you publish it", "only you see them until you publish them", new)
            )
        lines.append("- " + " · ".join(parts))
    if preview.listed_count:
        lines.append(f"- {count_kind(Kind.LISTS, preview.listed_count)}")
        lines.append(
            "-# "
            + _(
                "Choose below what to do with them. To make a list of them here, use `/list create` with its file."
            )
        )
    embed = discord.Embed(title=title, colour=COLOUR, description="\n".join(lines) or _("Nothing new."))
    if differing := preview.differing_count:
        text = ngettext(
            "You rated {count} film differently here.", "You rated {count} films differently here.", differing
        ).format(count=format_number(differing))
        embed.add_field(name=_("Which ratings do you want to keep?"), value=text, inline=False)
    guesses = [_format_guess(film, get_title) for film in preview.doubtful]
    _add_films(embed, _("Not sure which film"), guesses, preview.film_counts[FilmState.DOUBTFUL])
    unknown = [format_staged(film) for film in preview.unknown]
    if preview.is_guessing:
        # Translators: beside films of a file that weren't found; the message is updated later
        unknown.append("-# " + _("Still looking for similar titles."))
    _add_films(embed, _("Not found"), unknown, preview.film_counts[FilmState.UNKNOWN])
    if problems := describe_problems(preview):
        embed.add_field(name=_("Left out"), value=problems, inline=False)
    embed.set_footer(text=_("Nothing is saved yet. You can undo an import for 30 days."))
    return embed


def _add_films(embed: discord.Embed, name: str, films: Sequence[str], count: int) -> None:
    if count:
        value = join_limited(films, NAMED_FILMS_LENGTH, "\n")
        if count > len(films):
            value = _("{films}\n… and {count} more").format(films=value, count=format_number(count - len(films)))
        embed.add_field(name=f"{name}: {format_number(count)}", value=value, inline=False)


def _format_guess(film: StagedFilm, get_title: Callable[[str], str | None]) -> str:
    """Return a film as the file names it with the likeliest of the catalogue's."""
    guess = next(filter(None, map(get_title, film.candidates)), None)
    if guess is None:
        return format_staged(film)
    return _("{film}: maybe {guess}").format(film=format_staged(film), guess=escape_line(guess, 100))


def format_staged(film: StagedFilm) -> str:
    """Return a film as the file names it."""
    title = film.film.title or next(iter(film.film.ids.values()), "?")
    return escape_line(with_year(title, film.film.year), 100)


def describe_problems(preview: Preview) -> str:
    """Return which rows could not be read, "" if all were."""
    counts = ((problem, preview.count_problems(problem)) for problem in Problem)
    return "\n".join(count_problem(problem, count) for problem, count in counts if count)


def count_problem(problem: Problem, count: int) -> str:
    """Return how many rows have that problem."""
    match problem:
        case Problem.NO_TITLE:
            text = ngettext("{count} row doesn't name a film", "{count} rows don't name a film", count)
        case Problem.RATING:
            text = ngettext("{count} rating can't be read", "{count} ratings can't be read", count)
        case Problem.DAY:
            text = ngettext("{count} date can't be read", "{count} dates can't be read", count)
        case Problem.NOT_A_FILM:
            text = ngettext("{count} row isn't about a film", "{count} rows aren't about films", count)
        case Problem.ROW:
            text = ngettext("{count} row has too many cells", "{count} rows have too many cells", count)
        case Problem.TOO_LONG:
            text = ngettext("{count} text is too long", "{count} texts are too long", count)
    return text.format(count=format_number(count))


def describe_progress(progress: Progress) -> str:
    """Return how far an import is."""
    if progress.state is ImportState.UNDOING:
        text = ngettext(
            "Undoing the import… {count} film to go.", "Undoing the import… {count} films to go.", progress.done
        )
        return text.format(count=format_number(progress.done))
    return _("Importing… {done} of {total} films. You don't have to wait.").format(
        done=format_number(progress.done), total=format_number(progress.total)
    )


def describe_result(import_: Import, undecided: int, searched: int = 0) -> str:
    """Return what an import brought; `searched` films are being looked for at TMDB."""
    if import_.state is ImportState.UNDONE:
        return _(
            "Undone. What this import added is gone. Reviews you've published and what you changed since stay."
        )
    counts = [count_kind(kind, import_.result[kind]) for kind in KIND_ORDER if import_.result.get(kind)]
    lines = [
        _("Imported: {entries}.").format(entries=join_list(counts))
        if counts
        else _("Done. Everything in it was already here.")
    ]
    if full := import_.result.get("not on the full watchlist"):
        text = ngettext(
            "{count} film didn't fit on your watchlist.", "{count} films didn't fit on your watchlist.", full
        )
        lines.append(text.format(count=format_number(full)))
    if searched:
        text = ngettext(
            "Looking for {count} more film on TMDB. You don't have to wait.",
            "Looking for {count} more films on TMDB. You don't have to wait.",
            searched,
        )
        lines.append(text.format(count=format_number(searched)))
    elif undecided:
        text = ngettext(
            "{count} film needs a decision: I'm not sure which one it is.",
            "{count} films need a decision: I'm not sure which ones they are.",
            undecided,
        )
        lines.append(text.format(count=format_number(undecided)))
    if import_.result.get(Kind.REVIEWS):
        lines.append(_("Only you can see your imported reviews. Publish them with `/import reviews`."))
    return "\n".join(lines)


def build_history_embed(imports: Iterable[Import], now: datetime) -> discord.Embed:
    """Return a member's imports."""
    lines = []
    for import_ in imports:
        counts = [count_kind(kind, import_.result[kind]) for kind in KIND_ORDER if import_.result.get(kind)]
        state = {
            ImportState.RUNNING: _("in progress"),
            ImportState.UNDOING: _("being undone"),
            ImportState.UNDONE: _("undone"),
        }.get(import_.state)
        what = state or join_list(counts) or _("nothing new")
        when = discord.utils.format_dt(import_.created_at, "D")
        lines.append(f"{when} · **{name_service(import_.service)}** · {what}")
    description = "\n".join(lines) or _("You haven't imported anything here yet. Start with `/import file`.")
    return discord.Embed(title=_("Your imports"), colour=COLOUR, description=description)


def describe_counting(counting: ImportCounting) -> str:
    """Return which imported ratings count in the server."""
    match counting:
        case ImportCounting.AT_ONCE:
            return _("Imported ratings count in this server's charts and recommendations right away.")
        case ImportCounting.RATED_HERE:
            return _("Imported ratings count here for films that someone has rated in this server.")
        case ImportCounting.NEVER:
            return _("Imported ratings never count here. Members can rate a film here to make it count.")


@formats_setting("import_counting")
def _describe_counting_change(value: str | None) -> str:
    return describe_counting(ImportCounting(value) if value else DEFAULT_COUNTING)


@formats_error(UnreadableFileError)
def _describe_unreadable(error: UnreadableFileError) -> str:
    place = escape_line(error.name, 60) or _("The file")
    match error.problem:
        case FileProblem.EMPTY:
            return _("That file is empty. Export your films again and upload the new file.")
        case FileProblem.TOO_LARGE:
            return _("That file is too large. Split it and upload parts of up to {size} MB.").format(
                size=FILE_LIMIT // MEGABYTE
            )
        case FileProblem.INFLATES_TOO_FAR:
            return _("That archive unpacks to more than {size} MB. Upload the files one by one.").format(
                size=INFLATED_LIMIT // MEGABYTE
            )
        case FileProblem.TOO_MANY_FILES:
            return _("That archive has too many files in it. Upload the ones you need one by one.")
        case FileProblem.TOO_MANY_ROWS:
            return _("That file has more than {count} rows. Split it and upload the parts.").format(
                count=format_number(ROWS_LIMIT)
            )
        case FileProblem.ENCRYPTED:
            return _("That archive has a password. Unpack it and upload the files, or a ZIP without one.")
        case FileProblem.DAMAGED:
            return _("That archive is damaged. Download your export again and upload it as it is.")
        case FileProblem.NESTED:
            return _("That archive only has another archive in it. Unpack it once and upload the one inside.")
        case FileProblem.OTHER_ARCHIVE:
            return _("I can't open this kind of archive. Upload a ZIP, or the files one by one.")
        case FileProblem.NOT_TEXT:
            return _("{file} isn't text. Upload a CSV, JSON or ZIP file as it was exported.").format(file=place)
        case FileProblem.QUOTES:
            return _(
                "{file} has a quotation mark near line {line} that is never closed. Close it, or export the file "
                "again."
            ).format(file=place, line=error.line)
        case FileProblem.LONG_CELL:
            return _(
                "{file} has a cell near line {line} that is too long. Shorten it and upload the file again."
            ).format(file=place, line=error.line)
        case FileProblem.LONG_ROW:
            return _(
                "{file} has a row near line {line} that is too long. Shorten it and upload the file again."
            ).format(file=place, line=error.line)
        case FileProblem.JSON:
            return _("{file} isn't complete JSON. Download your export again.").format(file=place)
        case FileProblem.WRONG_COLUMNS:
            return _("I don't know these columns. A CSV file needs at least one called `title`.")
        case FileProblem.UNKNOWN:
            return _(
                "I don't know that kind of file. I read exports from Letterboxd, IMDb, Trakt, Simkl, "
                "MovieLens, TV Time and Marquee, and CSV files with a `title` column."
            )
        case FileProblem.NO_FILMS:
            return _("That file has no films in it. Upload another one.")


@formats_error(ImportGoneError)
def _describe_gone(_error: ImportGoneError) -> str:
    return _("That import is gone. See yours with `/import history`, or start a new one with `/import file`.")


@formats_error(ImportRunningError)
def _describe_running(_error: ImportRunningError) -> str:
    return _("One of your imports is still running. Wait until it's done; `/import history` shows how far it is.")


@formats_error(TooManyImportsError)
def _describe_too_many(_error: TooManyImportsError) -> str:
    return _("You can import {count} files a day. Try again tomorrow.").format(count=IMPORTS_PER_DAY)


@formats_error(NothingToRepairError)
def _describe_nothing_to_repair(_error: NothingToRepairError) -> str:
    return _("No imported film needs a decision. See your imports with `/import history`.")
