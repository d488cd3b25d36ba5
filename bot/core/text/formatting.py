"""Texts made fit to be shown or stored: cleaned, truncated, joined, and escaped for Discord's Markdown.

Untrusted text is joined and truncated first, and escaped last, once: its markdown, mentions, links and emoji codes
then do nothing. Escaped pieces stay inert however they are joined, so that nothing dropped between two of them
makes them mean something.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

import regex

from bot.core.text.i18n import _, get_list_separator

ELLIPSIS = "…"
ID_DIGITS = 18
"""Digits of the longest id of ours."""
NO_BREAK_SPACE = "\u00a0"
MARKS_PER_LETTER = 3
"""Combining marks kept on one letter: enough for every script, too few for zalgo."""
_NONE_WORDS = {"none", "off", "clear", "-"}
_GRAPHEME = regex.compile(r"\X")
_MENTION = regex.compile(r"<(?:@[!&]?|#|a?:\w{2,32}:)\d{15,20}>")
_STACKED_MARKS = regex.compile(rf"(\p{{M}}{{{MARKS_PER_LETTER}}})\p{{M}}+")
_KEPT_FORMAT_CHARACTERS = {"\u200d"}  # the joiner inside emoji families and some scripts' ligatures
_VISIBLE = regex.compile(r"[^\s\p{C}\p{Default_Ignorable_Code_Point}\u2800]")


def is_none(text: str) -> bool:
    """Return whether somebody typed that a setting is to be cleared: “none”, or another word for it."""
    return text.strip().casefold() in _NONE_WORDS


def clean_line(text: str) -> str:
    """Return `text` on one line, without control, bidi and zero-width characters or stacks of marks."""
    if text.isprintable() and (  # has none of these, and most text is such
        text.isascii() or (unicodedata.is_normalized("NFC", text) and _STACKED_MARKS.search(text) is None)
    ):
        return " ".join(text.split())
    kept = "".join(
        character
        for character in unicodedata.normalize("NFC", text)
        if character.isspace() or character in _KEPT_FORMAT_CHARACTERS or unicodedata.category(character)[0] != "C"
    )
    return " ".join(_STACKED_MARKS.sub(r"\1", kept).split()).strip("\u200d ")


def remove_mentions(text: str) -> str:
    """Return `text` without mentions and a server's own emojis, as Discord sends them: `<:popcorn:123>`."""
    return _MENTION.sub(" ", text).strip() if "<" in text else text


def clean_input(text: str) -> str:
    """Return what somebody typed into a form as it is stored: lines cleaned, without empty ones at the ends.

    Text without any visible character, such as Hangul fillers alone, becomes "".
    """
    cleaned = "\n".join(clean_line(line) for line in text.splitlines()).strip()
    return cleaned if has_visible_text(cleaned) else ""


def has_visible_text(text: str) -> bool:
    """Return whether a reader sees any of `text`; spaces, Hangul fillers and empty Braille cells are invisible."""
    return _VISIBLE.search(text) is not None


def truncate(text: str, limit: int) -> str:
    """Return at most `limit` characters of `text`, cut between graphemes and with an ellipsis where it was cut."""
    if len(text) <= limit:
        return text
    kept = ""
    for grapheme in _GRAPHEME.findall(text[: limit + 64]):
        if len(kept) + len(grapheme) > limit - 1:
            break
        kept += grapheme
    return kept.rstrip() + ELLIPSIS


def cut_at_word(text: str, limit: int) -> str:
    """Return at most `limit` characters of `text`, as whole words unless the first one alone is longer."""
    if len(text) <= limit:
        return text
    return text[: limit + 1].rpartition(" ")[0].rstrip() or text[:limit]


def join_list(parts: Iterable[str]) -> str:
    """Return the parts as a list without an “and”, as the current language separates them."""
    return get_list_separator().join(parts)


def join_limited(parts: Sequence[str], limit: int = 1_024, separator: str | None = None) -> str:
    """Return as many of the parts as fit into `limit` characters, joined, with a count of those left out.

    Without a `separator` they are a list as the current language separates it.
    """
    separator = get_list_separator() if separator is None else separator
    kept: list[str] = []
    for index, part in enumerate(parts):
        more = len(parts) - index
        reserved = len(f"{separator}{_format_more(more - 1)}") if more > 1 else 0
        if len(separator.join([*kept, part])) + reserved > limit:
            return separator.join([*kept, _format_more(more)]) if kept else truncate(part, limit)
        kept.append(part)
    return separator.join(kept)


def _format_more(count: int) -> str:
    # Translators: at the end of a list: so many more that are not shown
    return _("+{count} more").format(count=count)


def format_runtime(minutes: int) -> str:
    """Return minutes as `1 h 33 min`, with spaces at which no line breaks."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        text = _("{minutes} min").format(minutes=rest)
    elif rest:
        text = _("{hours} h {minutes} min").format(hours=hours, minutes=rest)
    else:
        text = _("{hours} h").format(hours=hours)
    return text.replace(" ", NO_BREAK_SPACE)


def is_id(text: str) -> bool:
    """Return whether the text is an id of ours, as a choice of autocomplete carries it."""
    return text.isascii() and text.isdigit() and len(text) <= ID_DIGITS


def format_count(number: int, noun: str, plural: str | None = None) -> str:
    """Return the number with its noun: `1 rating`, `1,200 ratings`; `plural` where it is not the noun and an s."""
    return f"1 {noun}" if number == 1 else f"{number:,} {plural or noun + 's'}"


def with_year(title: str, year: int | None) -> str:
    """Return `title (year)`, or the title alone if the year is unknown."""
    return f"{title} ({year})" if year is not None else title


_ACTIVE = re.compile(
    r"""
    [\\*_~|`<\[\]]                      # styles, code, spoilers, mentions, masked links
    | (?m:^)[ \t]*(?:[-+#>]|[0-9]*[.)])  # headings, quotes, lists and small text begin a line
    | @(?=everyone|here|[!&]?[0-9]|\Z)
    | :(?=\S|\Z)                         # web addresses, emoji codes
    | \.(?=\w+/)                         # invites are links without `https:` too
    | \A/
    """,
    re.VERBOSE,
)
"""What Discord may take for markdown. The last character of a match is the one to escape."""
_SPOILER = re.compile(r"\|\|(?!\|)(.+?)\|\|", re.DOTALL)


def escape_line(text: str, limit: int = 200) -> str:
    """Return untrusted text as one line of a message: cleaned, at most `limit` characters of it, escaped.

    The backslashes of the escapes are not counted.
    """
    return escape(truncate(clean_line(text), limit))


def escape_line_to_fit(text: str, limit: int) -> str:
    """Return what `escape_line` does with the backslashes counted too, for texts that share one embed's limit."""
    return _escape_to_fit(clean_line(text), limit)


def escape(text: str) -> str:
    """Return `text` with all that Discord would act on escaped; `clean_line` it first if it is untrusted."""
    if text.replace(" ", "").isalnum():  # letters and digits alone mean nothing to Discord
        return text
    return _ACTIVE.sub(_escape_match, text)


def format_user_text(text: str, limit: int, *, spoiler: bool = False) -> str:
    """Return what a member wrote as it is shown in a message: at most `limit` characters, line breaks kept.

    `||` hides as it does in Discord and stays balanced after truncation; all other markdown is escaped. With
    `spoiler` the whole text is hidden.
    """
    lines = [clean_line(line) for line in text.splitlines()]
    remaining = limit
    formatted = []
    for piece, is_hidden in _split_spoilers("\n".join(filter(None, lines)), is_all_hidden=spoiler):
        escaped = _escape_to_fit(piece, remaining - 4 * is_hidden)
        if not escaped:
            break
        formatted.append(f"||{escaped}||" if is_hidden else escaped)
        remaining -= len(formatted[-1])
        if escaped != escape(piece):  # it was cut
            break
    return "".join(formatted)


def _split_spoilers(text: str, *, is_all_hidden: bool) -> list[tuple[str, bool]]:
    """Return the text's pieces, none of them empty, each with whether it is hidden.

    A `||` that hides nothing visible is text.
    """
    pieces, visible = [], ""
    position = 0
    for match in _SPOILER.finditer(text):
        visible += text[position : match.start()]
        position = match.end()
        if is_all_hidden:
            visible += match[1]
        elif has_visible_text(match[1]):
            pieces += [(visible, False), (match[1], True)]
            visible = ""
        else:
            visible += match[0]
    pieces.append((visible + text[position:], is_all_hidden))
    return [(piece, is_hidden) for piece, is_hidden in pieces if piece]


def _escape_match(match: re.Match[str]) -> str:
    """Return the match with its last character escaped.

    A backslash would keep a mention from being shown as one, but not from notifying; an invisible character does.
    """
    text = match[0]
    if text == "@" and match.end() < len(match.string):
        return "@\u200b"
    return f"{text[:-1]}\\{text[-1]}"


def _escape_to_fit(text: str, limit: int) -> str:
    """Return the text escaped and cut between graphemes, at most `limit` characters with the escapes."""
    if limit <= 0:
        return ""
    escaped, length = escape(text), len(text)
    while len(escaped) > limit:  # a length of 1 leaves the ellipsis, which fits
        length = max(1, min(length - 1, length * limit // len(escaped)))
        escaped = escape(truncate(text, length) if length < len(text) else ELLIPSIS)
    return escaped
