"""Keep the message catalogues: extract what the code says, update the translations, compile them.

    python scripts/messages.py            write bot/locales/marquee.pot, and each marquee.po and marquee.mo
    python scripts/messages.py --check    fail if one of them is stale; write nothing

Both fail where a translation lacks a message, names other placeholders than the message, loses its Markdown, or
is longer than Discord takes. A regional catalogue, such as es_419 beside es, has only what differs there. The
files have no dates and no line numbers, so that they change only where a message does.
"""

import argparse
import io
import re
import string
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("bot", "cogs")
LOCALES = ROOT / "bot" / "locales"
DESCRIPTION_LIMIT, LABEL_LIMIT = 100, 80
"""Discord's limits: characters of a command's description, and of a button's label or a choice."""
EXAMPLE_LENGTH = 15
"""Characters of the longest day and time that bot/core/text/time_words.py has for {example} in descriptions."""
LONGEST_SHORT_MESSAGE = 40
"""Characters of an English message without a full stop that may be a label."""
MARKS = ("**", "`", "\n", "](", "## ", "-# ", "||")
"""What has a meaning in Discord's Markdown, and must be in a translation as often as in its message."""
CODE_SPAN = re.compile(r"`[^`]+`")
DOMAIN = "marquee"
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
"""The functions of bot/core/text/i18n.py and bot/core/discord/localisation.py, and which arguments they read."""
NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)
"""The date in every compiled catalogue, so that the same messages give the same file."""
VOLATILE_HEADERS = (
    '"POT-Creation-Date:',
    '"PO-Revision-Date:',
    '"Generated-By:',
    '"Last-Translator:',
    '"Language-Team:',
)


def main() -> int:
    """Write or check the catalogues, print what is wrong, and return 1 if anything is, else 0."""
    parser = argparse.ArgumentParser(description="Keep the message catalogues.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a catalogue is stale")
    check = parser.parse_args().check
    template = extract_messages(ROOT)
    contents = {LOCALES / f"{DOMAIN}.pot": render_catalogue(template)}
    problems = [f"marquee.pot: {problem}" for problem in find_problems(template)]
    descriptions = extract_descriptions(ROOT)
    for file in sorted(LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.po")):
        translation = update_translation(file.read_bytes(), template)
        contents[file] = render_catalogue(translation)
        contents[file.with_suffix(".mo")] = compile_catalogue(translation)
        language = file.parent.parent.name.split("_")[0]
        is_regional = file.parent.parent.name != language and (LOCALES / language).is_dir()
        found = [*find_problems(translation), *find_translation_problems(translation, descriptions)]
        if not is_regional:
            found += find_missing(translation)
        problems += [f"{file.relative_to(ROOT)}: {problem}" for problem in found]
    for file, content in contents.items():
        if file.is_file() and file.read_bytes() == content:
            continue
        if check:
            problems.append(f"{file.relative_to(ROOT)} is stale: run `make messages`")
        else:
            file.write_bytes(content)
            print(f"{file.relative_to(ROOT)} updated")
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(template)} messages, {len(problems)} problems")
    return 1 if problems else 0


def extract_messages(root: Path) -> Catalog:
    """Return what the packages below `root` say, with translators' comments."""
    catalogue = Catalog(project="Marquee", copyright_holder="the Marquee contributors", fuzzy=False)
    catalogue.header_comment = "# Messages of Marquee. Written by `make messages`: change them in the code."
    for package in PACKAGES:
        for name, line, message, comments, context in sorted(
            _extract(root / package, KEYWORDS), key=lambda row: row[:2]
        ):
            empty = "" if isinstance(message, str) else ("", "")
            catalogue.add(message, empty, [(f"{package}/{name}", line)], auto_comments=comments, context=context)
    for each in catalogue:
        each.flags.discard("python-format")  # Babel takes “{percent}% of people” for an old placeholder
    return catalogue


def extract_descriptions(root: Path) -> set[str]:
    """Return the messages that Discord shows as descriptions of commands and options or as names of choices."""
    return {
        str(message)
        for package in PACKAGES
        for _name, _line, message, _comments, _context in _extract(root / package, {"gettext_lazy": None})
    }


def _extract(folder: Path, keywords: Mapping[str, Any]) -> Iterator[tuple[str, int, Any, list[str], str | None]]:
    """Yield the file, line, message, translators' comments and context of each call of one of the functions."""
    calls = re.compile(rb"\b(?:%s)\s*\(" % "|".join(keywords).encode())
    for file in folder.rglob("*.py"):
        content = file.read_bytes()
        if calls.search(content):  # to read a file as Babel does takes a hundred times as long
            found = extract(
                "python", io.BytesIO(content), keywords, comment_tags=["Translators:"], strip_comment_tags=True
            )
            for row in found:
                yield file.relative_to(folder).as_posix(), *row


def update_translation(content: bytes, template: Catalog) -> Catalog:
    """Return the translation with the template's messages; new ones are empty, and those gone are dropped."""
    translation = read_po(io.BytesIO(content))
    translation.update(template, no_fuzzy_matching=True, update_creation_date=False)
    translation.obsolete.clear()
    for each in translation:
        each.flags.discard("python-format")
    return translation


def render_catalogue(catalogue: Catalog) -> bytes:
    """Return the catalogue as a .po or .pot file, sorted by source file, without what changes from run to run."""
    stream = io.BytesIO()
    write_po(stream, catalogue, width=0, sort_by_file=True, include_lineno=False)
    lines = stream.getvalue().decode().splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(VOLATILE_HEADERS)).encode()


def compile_catalogue(catalogue: Catalog) -> bytes:
    """Return the catalogue as a .mo file of what is translated."""
    catalogue.creation_date = catalogue.revision_date = NO_DATE
    stream = io.BytesIO()
    write_mo(stream, catalogue)
    return stream.getvalue()


def find_problems(catalogue: Catalog) -> Iterator[str]:
    """Yield what is wrong with messages' placeholders, and with their translations."""
    for message, errors in catalogue.check():
        yield from (f"{message.id!r}: {error}" for error in errors)
    for message in catalogue:
        if not message.id:
            continue
        name = repr(message.id if isinstance(message.id, str) else message.id[0])
        try:
            yield from (f"{name}: {problem}" for problem in find_placeholder_problems(message))
        except ValueError as error:
            yield f"{name}: {error}"


def find_missing(translation: Catalog) -> Iterator[str]:
    """Yield the messages that are not translated, or only doubtfully."""
    for message in translation:
        strings = [message.string] if isinstance(message.string, str) else list(message.string or ("",))
        if message.id and not all(strings):
            yield f"{message.id!r} is not translated"
        elif message.id and message.fuzzy:
            yield f"{message.id!r} is marked as fuzzy"


def find_translation_problems(translation: Catalog, descriptions: set[str]) -> Iterator[str]:
    """Yield translations that lose Markdown or a command, or are longer than Discord takes."""
    for message in translation:
        sources = [message.id] if isinstance(message.id, str) else list(message.id)
        strings = [message.string] if isinstance(message.string, str) else list(message.string or ())
        for text in filter(None, strings if message.id else ()):
            if not any(all(text.count(mark) == source.count(mark) for mark in MARKS) for source in sources):
                yield f"{text!r} has other Markdown than {sources[0]!r}"
            if set(CODE_SPAN.findall(text)) != set(CODE_SPAN.findall(sources[0])):
                yield f"{text!r} names other commands than {sources[0]!r}"
            is_short = len(sources[0]) <= LONGEST_SHORT_MESSAGE and not sources[0].endswith((".", "?", "!"))
            limit = DESCRIPTION_LIMIT if sources[0] in descriptions else LABEL_LIMIT if is_short else None
            text = text.replace("{example}", "x" * EXAMPLE_LENGTH)
            if limit is not None and "{" not in text and len(text) > limit:
                yield f"{text!r} is longer than {limit} characters"


def find_placeholder_problems(message: Message) -> Iterator[str]:
    """Yield how the placeholders of the message and its translation differ. Raises ValueError for a lone brace.

    A form of a plural may leave `{count}` out: “a film”.
    """
    sources = [message.id] if isinstance(message.id, str) else list(message.id)
    translations = [message.string] if isinstance(message.string, str) else list(message.string or ())
    expected = set().union(*(find_placeholders(source) for source in sources))
    optional = {"count"} if message.pluralizable else set()
    for name in expected:
        if not name.isidentifier():
            yield f"the placeholder {{{name}}} has no name"
    for text in [*sources, *filter(None, translations)]:
        found = find_placeholders(text)
        if missing := expected - found - optional:
            yield f"{text!r} lacks {', '.join(sorted(missing))}"
        if unknown := found - expected:
            yield f"{text!r} has {', '.join(sorted(unknown))}, which the message has not"


def find_placeholders(text: str) -> set[str]:
    """Return the names in `{name}` and `{name:format}`. Raises ValueError for a lone brace."""
    return {name for _literal, name, _format, _conversion in string.Formatter().parse(text) if name is not None}


if __name__ == "__main__":
    sys.exit(main())
